package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.SseEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Writes a process's output exactly once, however often the stream of events is cut and begun anew. Offsets count the bytes of standard output and
 * standard error together, in order of arrival.
 */
final class ProcessOutput {
    /** Where the two streams go. */
    private enum Route {
        APART,
        BOTH_TO_OUTPUT,
        BOTH_TO_ERRORS
    }

    private final Output output;
    private final Route route;
    private final boolean needsAll;
    private final MissingOutput missing;
    private boolean hasBegun;
    private SandboxProcess process;
    private long position;
    private Optional<ExecOutcome> outcome = Optional.empty();

    ProcessOutput(SandboxProcess process, Output output) {
        this(process, 0, output, Route.APART, true);
    }

    private ProcessOutput(SandboxProcess process, long position, Output output, Route route, boolean needsAll) {
        this.process = process;
        this.position = position;
        this.output = output;
        this.route = route;
        this.needsAll = needsAll;
        this.missing = new MissingOutput(output);
    }

    /**
     * Both streams go to our standard output.
     *
     * @param needsAll whether output that is missing at the beginning is a loss, and not just older than what is kept
     */
    static ProcessOutput merged(SandboxProcess process, long offset, boolean needsAll, Output output) {
        return new ProcessOutput(process, offset, output, Route.BOTH_TO_OUTPUT, needsAll);
    }

    /** Both streams go to our standard error: a result stands on standard output. Missing output is only warned of. */
    static ProcessOutput besideResult(SandboxProcess process, Output output) {
        return new ProcessOutput(process, 0, output, Route.BOTH_TO_ERRORS, false);
    }

    /** Read by the interrupting thread as well. */
    synchronized SandboxProcess process() {
        return process;
    }

    /** How many bytes have been written; where to go on. */
    long position() {
        return position;
    }

    /** Whether output was lost that should have been written. */
    boolean isIncomplete() {
        return missing.bytes() > 0;
    }

    /** Whether anything has come from the server. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** Empty as long as the process has not ended. */
    Optional<ExecOutcome> outcome() {
        return outcome;
    }

    /** @throws IOException if it is no event of ours, if it reports that nothing was started, or if nobody reads our output */
    void accept(SseEvent event) throws IOException {
        var data = JsonReader.parse(event.data());
        hasBegun = true;
        switch (event.name()) {
            case "start", "continue" -> confirm(data);
            case "log" -> write(data);
            case "gap" -> skip(data);
            case "exit" -> end(ExecOutcome.of(data));
            case "error" -> {
                // after a start the exit follows, and says the same
                if (!process().isConfirmed()) {
                    throw new FailedException(
                            "error: " + data.at("message").text().orElse("the server gave no message"));
                }
            }
            default -> {
                // a newer server may say more; what it must not leave unsaid are the events above
            }
        }
    }

    private void end(ExecOutcome ended) {
        outcome = Optional.of(route == Route.BOTH_TO_ERRORS ? ended : missing.judge(ended));
    }

    /** @param start data of an event that names the process */
    synchronized void confirm(Json start) {
        var id = start.at("process").textOrEmpty();
        process = process.confirmed(id.isEmpty() ? start.at("invokeId").textOrEmpty() : id);
    }

    private void write(Json log) throws IOException {
        var bytes = bytes(log);
        long end = log.at("offset")
                .number()
                .orElseThrow(() -> new FailedException("the server sent output without its offset"));
        long start = end - bytes.length;
        if (start > position) {
            pass(start);
        }
        int known = (int) Math.min(bytes.length, position - start);
        int fresh = bytes.length - known;
        if (fresh <= 0) {
            return;
        }
        if (route == Route.BOTH_TO_ERRORS
                || (route == Route.APART && log.at("stream").textOrEmpty().equals("stderr"))) {
            output.errorData(bytes, known, fresh);
        } else {
            output.data(bytes, known, fresh);
        }
        position = end;
    }

    private static byte[] bytes(Json log) throws FailedException {
        var text = log.at("data").text();
        if (text.isPresent()) {
            return text.get().getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(log.at("dataBase64").textOrEmpty());
        } catch (IllegalArgumentException e) {
            throw new FailedException("the server sent output that is no base64");
        }
    }

    private void skip(Json gap) {
        long to = gap.at("to").number().orElse(position);
        if (to > position) {
            pass(to);
        }
    }

    private void pass(long to) {
        if (position > 0 || needsAll) {
            missing.add(position, to);
        } else {
            missing.warn(position, to);
        }
        position = to;
    }
}
