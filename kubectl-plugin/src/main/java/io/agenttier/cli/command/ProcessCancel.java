package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Ends a process because the user does not want its output any more. Gives up after a few tries, and then says what to do. */
final class ProcessCancel {
    private static final int TRIES = 6;
    private static final Duration EACH = Duration.ofSeconds(5);

    private final ApiClient api;
    private final ProcessOutput of;
    private final Backoff backoff;
    private final Pause pause;
    private final Output output;
    private final Optional<Request> start;

    ProcessCancel(ApiClient api, ProcessOutput of, Backoff backoff, Pause pause, Output output) {
        this(api, of, backoff, pause, output, Optional.empty());
    }

    /** @param start the call that started it, where only the server knows its id: repeating that joins it, and tells */
    ProcessCancel(
            ApiClient api, ProcessOutput of, Backoff backoff, Pause pause, Output output, Optional<Request> start) {
        this.api = api;
        this.of = of;
        this.backoff = backoff;
        this.pause = pause;
        this.output = output;
        this.start = start;
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
                if (isUnknown() && !e.failure().isPassing()) {
                    return;
                }
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
        if (isUnknown()) {
            output.problem("the process could not be canceled and may still run: " + reason);
            return;
        }
        output.problem("process %s could not be canceled and may still run: %s%nTo cancel it: kubectl delete --raw '%s'"
                .formatted(of.process().id(), reason, of.process().cancelPath()));
    }

    private boolean isUnknown() {
        return start.isPresent() && !of.process().isConfirmed();
    }

    private void cancel() throws IOException {
        if (isUnknown()) {
            join(start.orElseThrow());
        }
        var request = Request.of("DELETE", of.process().cancelPath().toString()).within(EACH, EACH);
        try (var response = api.send(request)) {
            response.bytes(64 * 1024);
        }
    }

    private void join(Request call) throws IOException {
        try (var response = api.send(call.within(EACH, EACH))) {
            var events = ProcessFollower.events(response);
            // not one event further: the process may say nothing more for long
            while (isUnknown()) {
                var event = events.next();
                if (event == null) {
                    throw new FailedException("the server did not name it");
                }
                if (event.name().equals("start") || event.name().equals("continue")) {
                    of.confirm(JsonReader.parse(event.data()));
                }
            }
        }
    }
}
