package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.util.Optional;

/**
 * One POST {@code configure} to its result. Repeating the call joins the install that it has started, so neither a cut nor the 60 s of kube-apiserver
 * end it. An install that failed is not joined but run anew, so then the call is not repeated.
 */
final class ConfigureCall {
    private static final int MAX_FRUITLESS = 20;

    private final Session session;
    private final ProcessOutput install;
    private final Backoff backoff;
    private boolean mayBeUnderWay;

    ConfigureCall(Session session, SandboxProcess install) {
        this.session = session;
        this.install = ProcessOutput.besideResult(install, session.output());
        this.backoff = session.backoff();
    }

    /** What came of it: the server's words, or how the install failed while only its output was followed. */
    record Outcome(Optional<Json> result, Optional<ExecOutcome> failure) {}

    Outcome run(Request request) throws IOException {
        while (true) {
            var result = posted(request);
            if (result.isPresent()) {
                return new Outcome(result, Optional.empty());
            }
            if (install.process().isConfirmed() && install.outcome().isEmpty()) {
                var ended = new ProcessFollower(session, install).follow();
                if (ended.exitCode() != 0) {
                    return new Outcome(Optional.empty(), Optional.of(ended));
                }
            }
        }
    }

    /** Empty where the answer ended before the result; a pause has been made then if there is nothing to follow. */
    private Optional<Json> posted(Request request) throws IOException {
        var result = Optional.<Json>empty();
        try (var response = session.api().send(request)) {
            mayBeUnderWay = true;
            var events = ProcessFollower.events(response);
            for (var event = events.next(); event != null; event = events.next()) {
                backoff.reset();
                switch (event.name()) {
                    case "result" -> result = Optional.of(JsonReader.parse(event.data()));
                    case "error" -> throw failed(JsonReader.parse(event.data()));
                    default -> install.accept(event);
                }
            }
            if (result.isEmpty()) {
                again(new FailedException("the answer ended before the result of the configuration"));
            }
        } catch (CutException e) {
            mayBeUnderWay = true;
            if (result.isEmpty()) {
                again(e);
            }
        } catch (UnreachableException e) {
            if (!mayBeUnderWay || !e.isWorthRetrying()) {
                throw e;
            }
            again(e);
        } catch (ApiException e) {
            // a conflict may be with our own call, which was cut and still writes its files
            boolean isOurs = e.failure().code() == 409 && mayBeUnderWay;
            if (!ProcessFollower.mayHaveStarted(e) && !isOurs) {
                throw e;
            }
            mayBeUnderWay = true;
            again(e);
        }
        return result;
    }

    private void again(IOException problem) throws IOException {
        if (install.process().isConfirmed() && install.outcome().isEmpty()) {
            return;
        }
        if (backoff.tries() == MAX_FRUITLESS) {
            throw problem;
        }
        session.interrupts().take(backoff.next());
    }

    private static FailedException failed(Json error) {
        var what = error.at("phase").textOrEmpty().equals("files") ? "files could not be written" : "configure failed";
        return new FailedException(what + ": " + error.at("message").text().orElse("the server gave no message"));
    }
}
