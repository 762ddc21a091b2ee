package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.MisbehavedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The whole outcome of a process as one JSON document.
 *
 * @param kind of the document
 * @param handle what the process is called in it
 * @param saysTimedOut it has a field for that
 * @param continues its clients know the answer that the process still runs
 */
record OutputAnswer(String kind, String handle, boolean saysTimedOut, boolean continues) {
    static final OutputAnswer EXEC = new OutputAnswer("SandboxExecResponse", "process", true, false);
    static final OutputAnswer INVOKE = new OutputAnswer("SandboxInvokeResponse", "invokeId", false, true);

    /** sandboxd ends a process within 5 s of its limit; one that does not is not believed. */
    private static final Duration LATE = Duration.ofSeconds(30);

    /** @param limit time limit of the process, zero for none */
    static Instant latest(Duration limit, InstantSource clock) {
        return limit.isZero() ? Instant.MAX : clock.instant().plus(limit).plus(LATE);
    }

    /**
     * Reads to the end of the process and answers; 202 with the way to go on if the output is paused before, as it is when this replica stops.
     *
     * @param latest when the process must have ended
     * @return how it ended; empty if the output was paused
     * @throws ApiException 503 when the sandbox cannot be reached any more, with the way to read on; 502 when its daemon misbehaves
     */
    Optional<Exit> send(
            Call call, Exchange exchange, LiveOutput output, Collected collected, Instant latest, InstantSource clock)
            throws IOException {
        exchange.onGoingAway(output::pause);
        try {
            var exit = collect(call, exchange, output, collected, latest, clock);
            if (exit.isEmpty() && !continues) {
                throw new ApiException(new ApiError.Unavailable(stopping(call, output)));
            }
            exchange.answer(
                    exit.isPresent()
                            ? Documents.answer(call, 200, document(output, collected, Outcome.of(exit.get())))
                            : later(call, output));
            return exit;
        } catch (CutException e) {
            throw new ApiException(new ApiError.Unavailable(e.remedy(call.name())));
        } catch (MisbehavedException e) {
            throw new ApiException(DaemonErrors.of(e, call.name()));
        }
    }

    private static Optional<Exit> collect(
            Call call, Exchange exchange, LiveOutput output, Collected collected, Instant latest, InstantSource clock)
            throws IOException {
        var notes = new ProcessNotes(exchange, output.process());
        try {
            return collect(call, output, collected, notes, latest, clock);
        } finally {
            notes.write();
        }
    }

    private static Optional<Exit> collect(
            Call call, LiveOutput output, Collected collected, ProcessNotes notes, Instant latest, InstantSource clock)
            throws IOException {
        for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
            switch (frame.get()) {
                case Frame.Output bytes -> {
                    notes.add(bytes);
                    collected.add(bytes);
                }
                case Frame.Gap _ -> collected.addGap();
                case Frame.Exited exited -> {
                    notes.ended(exited.exit());
                    return Optional.of(exited.exit());
                }
                case Frame.KeepAlive _, Frame.Started _, Frame.StdinTaken _, Frame.Notice _ -> {}
            }
            if (clock.instant().isAfter(latest)) {
                throw new ApiException(new ApiError.BadGateway(
                        "the daemon of sandbox \"%s\" did not end process \"%s\" at its time limit"
                                .formatted(call.name(), output.process().id())));
            }
        }
        notes.continued();
        return Optional.empty();
    }

    private Map<String, @Nullable Object> document(LiveOutput output, Collected collected, Outcome outcome) {
        var document = Documents.of(kind);
        document.put(handle, output.process().id());
        outcome.addTo(document);
        collected.addTo(document);
        if (saysTimedOut) {
            document.put("timedOut", outcome.timedOut());
        }
        document.put("truncated", collected.isTruncated());
        return document;
    }

    private static String stopping(Call call, LiveOutput output) {
        var process = output.process().id();
        return "this server stops; process \"%s\" of sandbox \"%s\" may still run: read on by GET log?process=%s&offset=0&follow=true"
                .formatted(process, call.name(), process);
    }

    /** Nothing has been delivered: the client reads from the first byte. */
    static Answer later(Call call, LiveOutput output) {
        var document = Documents.of("SandboxProcessContinued");
        document.put("process", output.process().id());
        document.put("offset", 0L);
        return Documents.answer(call, 202, document);
    }
}
