package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.OutputClosedException;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code exec -i} and {@code -t}: starts the process by POST, so that its command line stands in no URL, and then joins it by WebSocket. The name is
 * ours, so that a start whose answer was lost is repeated without starting twice.
 */
final class StreamedExec {
    private static final int MAX_ANSWER = 1024 * 1024;
    private static final int STARTS = 6;
    private static final Duration START = Duration.ofMinutes(11);

    private final Session session;
    private final SandboxProcess asked;
    private final Optional<Terminal> terminal;

    /** @param terminal present if the process gets a terminal */
    StreamedExec(Session session, SandboxProcess asked, Optional<Terminal> terminal) {
        this.session = session;
        this.asked = asked;
        this.terminal = terminal;
    }

    int run(byte[] body, boolean withInput) throws IOException {
        var output = new ProcessOutput(asked, session.output());
        var cancel =
                new ProcessCancel(session.lastWords(), output, session.backoff(), new Interrupts(), session.output());
        session.interrupts().onInterrupt(cancel::run);
        try {
            var process = start(body);
            var streams = new ProcessStreams(session, process, Joining.started(withInput, terminal.isPresent()));
            var input = withInput ? Optional.of(session.surroundings().input()) : Optional.<InputStream>empty();
            return joined(process, streams, input, cancel::run);
        } catch (OutputClosedException | InputLostException e) {
            cancel.run();
            throw e;
        } finally {
            session.interrupts().onInterrupt(null);
        }
    }

    private int joined(SandboxProcess process, ProcessStreams streams, Optional<InputStream> input, Runnable cancel)
            throws IOException {
        Optional<ExecOutcome> outcome;
        if (terminal.isPresent()) {
            outcome = new TerminalSession(session, terminal.get(), streams).run(input, cancel);
        } else {
            input.ifPresent(streams::reading);
            outcome = streams.run();
        }
        var how = outcome.orElseThrow(() -> new FailedException("the command runs on as process " + process.id()));
        how.message().ifPresent(session.output()::problem);
        return how.exitCode();
    }

    private SandboxProcess start(byte[] body) throws IOException {
        var request = Request.of("POST", asked.subresource("exec").toString())
                .accept("application/json")
                .within(START, START)
                .body("application/json", body);
        var wait = session.backoff();
        for (int tries = 1; ; tries++) {
            try (var response = session.api().send(request)) {
                return asked.confirmed(JsonReader.parse(response.bytes(MAX_ANSWER))
                        .at("process")
                        .textOrEmpty());
            } catch (CutException e) {
                again(e, tries == STARTS, wait);
            } catch (ApiException e) {
                again(e, tries == STARTS || !e.failure().isPassing(), wait);
            }
        }
    }

    private void again(IOException failure, boolean isLast, Backoff wait) throws IOException {
        if (isLast) {
            throw failure;
        }
        session.interrupts().take(wait.next());
    }
}
