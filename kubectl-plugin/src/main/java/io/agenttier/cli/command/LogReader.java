package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.SseStream;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.time.Duration;

/** Reads {@code log} to its present end, or to the end of the process; goes on at the next offset when the stream is cut. */
final class LogReader {
    /** The server sends a comment every 15 s. */
    private static final Duration SILENCE = Duration.ofSeconds(50);

    private static final int MAX_FRUITLESS = 20;

    private final ApiClient api;
    private final ProcessOutput into;
    private final String stream;
    private final Backoff backoff;
    private final Pause pause;

    /** @param stream {@code stdout}, {@code stderr}, or empty for both in order */
    LogReader(ApiClient api, ProcessOutput into, String stream, Backoff backoff, Pause pause) {
        this.api = api;
        this.into = into;
        this.stream = stream;
        this.backoff = backoff;
        this.pause = pause;
    }

    void run(boolean follows) throws IOException {
        while (true) {
            try {
                consume(follows);
                if (!follows || into.outcome().isPresent()) {
                    return;
                }
                pause.take(backoff.next());
            } catch (CutException e) {
                again(e);
            } catch (UnreachableException e) {
                if (!e.isWorthRetrying() || into.position() == 0) {
                    throw e;
                }
                again(e);
            } catch (ApiException e) {
                if (!e.failure().isPassing() || into.position() == 0) {
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
        pause.take(backoff.next());
    }

    private void consume(boolean follows) throws IOException {
        var process = into.process();
        var path = process.subresource("log")
                .query("process", process.id())
                .query("offset", String.valueOf(into.position()));
        path = follows ? path.query("follow", "true") : path;
        path = stream.isEmpty() ? path : path.query("stream", stream);
        var request = Request.of("GET", path.toString())
                .accept(ProcessFollower.EVENTS)
                .within(SILENCE, SILENCE);
        try (var response = api.send(request)) {
            var events = new SseStream(response.body());
            for (var event = events.next(); event != null; event = events.next()) {
                into.accept(event);
                backoff.reset();
            }
        }
    }
}
