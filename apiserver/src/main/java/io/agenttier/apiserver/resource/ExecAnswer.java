package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.MisbehavedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The whole outcome of an exec as one JSON document. */
final class ExecAnswer {
    /** sandboxd ends a process within 5 s of its limit; one that does not is not believed. */
    private static final Duration LATE = Duration.ofSeconds(30);

    private final Call call;
    private final Exchange exchange;
    private final LiveOutput output;
    private final Collected collected;

    private ExecAnswer(Call call, Exchange exchange, LiveOutput output, Collected collected) {
        this.call = call;
        this.exchange = exchange;
        this.output = output;
        this.collected = collected;
    }

    /**
     * Reads to the end of the process and answers.
     *
     * @param limit time limit of the process, zero for none
     * @throws ApiException 503 when the sandbox cannot be reached any more, with the way to read on; 502 when its daemon misbehaves
     */
    static void send(
            Call call, Exchange exchange, LiveOutput output, Collected collected, Duration limit, InstantSource clock)
            throws IOException {
        var latest = limit.isZero() ? Instant.MAX : clock.instant().plus(limit).plus(LATE);
        var answer = new ExecAnswer(call, exchange, output, collected);
        try {
            answer.collect(clock, latest);
        } catch (CutException e) {
            throw new ApiException(new ApiError.Unavailable(e.remedy(call.name())));
        } catch (MisbehavedException e) {
            throw new ApiException(DaemonErrors.of(e, call.name()));
        }
    }

    private void collect(InstantSource clock, Instant latest) throws IOException {
        var notes = new ProcessNotes(exchange, output.process());
        for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
            switch (frame.get()) {
                case Frame.Output bytes -> {
                    notes.add(bytes);
                    collected.add(bytes);
                }
                case Frame.Gap _ -> collected.addGap();
                case Frame.Exited exited -> {
                    notes.ended(exited.exit());
                    notes.write();
                    answer(Outcome.of(exited.exit()));
                    return;
                }
                case Frame.KeepAlive _, Frame.Started _, Frame.StdinTaken _, Frame.Notice _ -> {}
            }
            if (clock.instant().isAfter(latest)) {
                throw new ApiException(new ApiError.BadGateway(
                        "the daemon of sandbox \"%s\" did not end process \"%s\" at its time limit"
                                .formatted(call.name(), output.process().id())));
            }
        }
    }

    private void answer(Outcome outcome) {
        var document = Documents.of("SandboxExecResponse");
        document.put("process", output.process().id());
        outcome.addTo(document);
        collected.addTo(document);
        document.put("timedOut", outcome.timedOut());
        document.put("truncated", collected.isTruncated());
        exchange.answer(Documents.answer(call, 200, document));
    }
}
