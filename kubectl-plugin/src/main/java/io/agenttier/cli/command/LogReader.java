package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.SseStream;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;

/** Reads {@code log} to its present end, or to the end of the process; goes on at the next offset when the stream is cut. */
final class LogReader {
    private static final int MAX_FRUITLESS = 20;

    private final Session session;
    private final ProcessOutput into;
    private final String stream;
    private final Backoff backoff;

    /** @param stream {@code stdout}, {@code stderr}, or empty for both in order */
    LogReader(Session session, ProcessOutput into, String stream) {
        this.session = session;
        this.into = into;
        this.stream = stream;
        this.backoff = session.backoff();
    }

    void run(boolean follows) throws IOException {
        while (true) {
            try {
                consume(follows);
                if (!follows || into.outcome().isPresent()) {
                    return;
                }
                session.interrupts().take(backoff.next());
            } catch (CutException e) {
                again(e);
            } catch (UnreachableException e) {
                if (!e.isWorthRetrying() || !into.hasBegun()) {
                    throw e;
                }
                again(e);
            } catch (ApiException e) {
                if (!e.failure().isPassing() || !into.hasBegun()) {
                    throw e;
                }
                again(e);
            }
        }
    }

    private void again(IOException e) throws IOException {
        if (backoff.tries() >= MAX_FRUITLESS) {
            throw e;
        }
        session.interrupts().take(backoff.next());
    }

    private void consume(boolean follows) throws IOException {
        var process = into.process();
        var path = process.subresource("log")
                .query("process", process.id())
                .query("offset", String.valueOf(into.position()));
        path = follows ? path.query("follow", "true") : path;
        path = stream.isEmpty() ? path : path.query("stream", stream);
        var silence = session.surroundings().silence();
        var request = Request.of("GET", path.toString())
                .accept(ProcessFollower.EVENTS)
                .within(silence, silence);
        try (var response = session.api().send(request)) {
            var events = new SseStream(response.body());
            for (var event = events.next(); event != null; event = events.next()) {
                into.accept(event);
                backoff.reset();
            }
        }
    }
}
