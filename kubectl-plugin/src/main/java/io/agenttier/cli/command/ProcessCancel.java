package io.agenttier.cli.command;

import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.time.Duration;

/** Ends a process because the user does not want its output any more. Gives up after a few tries, and then says what to do. */
final class ProcessCancel {
    private static final int TRIES = 6;
    private static final Duration EACH = Duration.ofSeconds(5);

    private final ApiClient api;
    private final ProcessOutput of;
    private final Backoff backoff;
    private final Pause pause;
    private final Output output;

    ProcessCancel(ApiClient api, ProcessOutput of, Backoff backoff, Pause pause, Output output) {
        this.api = api;
        this.of = of;
        this.backoff = backoff;
        this.pause = pause;
        this.output = output;
    }

    /** A process that is not known yet may be about to start: then it tries again. */
    void run() {
        var reason = "";
        for (int i = 0; i < TRIES; i++) {
            try {
                cancel();
                return;
            } catch (ApiException e) {
                reason = e.failure().sentence();
                boolean hasEnded = e.failure().code() == 410
                        || (e.failure().code() == 404 && of.process().isConfirmed());
                if (hasEnded) {
                    return;
                }
                if (e.failure().code() != 404 && !e.failure().isPassing()) {
                    break;
                }
            } catch (IOException e) {
                reason = String.valueOf(e.getMessage());
            }
            try {
                pause.take(backoff.next());
            } catch (IOException e) {
                break;
            }
        }
        output.problem("process %s could not be canceled and may still run: %s%nTo cancel it: kubectl delete --raw '%s'"
                .formatted(of.process().id(), reason, of.process().cancelPath()));
    }

    private void cancel() throws IOException {
        var request = Request.of("DELETE", of.process().cancelPath().toString()).within(EACH, EACH);
        try (var response = api.send(request)) {
            response.bytes(64 * 1024);
        }
    }
}
