package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.Response;
import io.agenttier.cli.transport.UnreachableException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Waits by watch until a sandbox is ready. */
final class ReadyWait {
    private static final int MAX_OBJECT = 8 * 1024 * 1024;
    private static final Duration WATCH = Duration.ofMinutes(4);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final ApiClient api;
    private final String namespace;
    private final Backoff backoff;
    private final Pause pause;
    private final LongSupplier nanos;

    /** @param nanos a clock that only goes forward, in nanoseconds */
    ReadyWait(ApiClient api, String namespace, Backoff backoff, Pause pause, LongSupplier nanos) {
        this.api = api;
        this.namespace = namespace;
        this.backoff = backoff;
        this.pause = pause;
        this.nanos = nanos;
    }

    /**
     * @param limit 0 for none
     * @throws FailedException if it never will be, or is not within the limit; the message says why
     */
    void until(String sandbox, Duration limit) throws IOException {
        var left = new Deadline(limit.isZero() ? Duration.ofDays(365) : limit, nanos);
        var last = "";
        boolean mayWatch = true;
        while (true) {
            try {
                var present = get(sandbox);
                var judged = Readiness.of(present);
                while (judged instanceof Readiness.NotYet notYet) {
                    last = notYet.why();
                    if (!mayWatch) {
                        pause.take(left.atMost(POLL));
                        break;
                    }
                    var next = watch(sandbox, present, left);
                    if (next.isEmpty()) {
                        break;
                    }
                    judged = next.get();
                }
                if (judged instanceof Readiness.Ready) {
                    return;
                }
                if (judged instanceof Readiness.Never never) {
                    throw new FailedException(
                            "sandbox \"%s\" will not become ready: %s".formatted(sandbox, never.why()));
                }
            } catch (ApiException e) {
                if (e.failure().code() == 403
                        && mayWatch
                        && e.failure().message().contains("watch")) {
                    mayWatch = false;
                } else if (!e.failure().isPassing()) {
                    throw e;
                } else {
                    pause.take(left.atMost(backoff.next()));
                }
            } catch (CutException | UnreachableException e) {
                pause.take(left.atMost(backoff.next()));
            }
            if (left.hasPassed()) {
                throw new FailedException("sandbox \"%s\" is not ready after %d s%s"
                        .formatted(sandbox, limit.toSeconds(), last.isEmpty() ? "" : ": " + last));
            }
        }
    }

    private Json get(String sandbox) throws IOException {
        var path = ApiPath.object(namespace, "sandboxes", sandbox);
        try (var response = api.send(Request.of("GET", path.toString()).accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_OBJECT));
        }
    }

    /** The first change that decides; empty if the watch ended before one came. */
    private Optional<Readiness> watch(String sandbox, Json from, Deadline left) throws IOException {
        var time = left.atMost(WATCH);
        var path = ApiPath.objects(namespace, "sandboxes")
                .query("watch", "true")
                .query("fieldSelector", "metadata.name=" + sandbox)
                .query("resourceVersion", from.at("metadata", "resourceVersion").textOrEmpty())
                .query("timeoutSeconds", String.valueOf(Math.max(1, Durations.seconds(time))));
        var request = Request.of("GET", path.toString())
                .accept("application/json")
                .within(time.plusSeconds(5), time.plusSeconds(5));
        try (var response = api.send(request)) {
            return decisive(response);
        }
    }

    private Optional<Readiness> decisive(Response response) throws IOException {
        var in = new BufferedInputStream(response.body());
        for (var line = line(in); line.length > 0; line = line(in)) {
            var event = JsonReader.parse(line);
            var type = event.at("type").textOrEmpty();
            if (type.equals("ERROR")) {
                return Optional.empty();
            }
            if (type.equals("DELETED")) {
                return Optional.of(new Readiness.Never("it was deleted"));
            }
            backoff.reset();
            var judged = Readiness.of(event.at("object"));
            if (!(judged instanceof Readiness.NotYet)) {
                return Optional.of(judged);
            }
        }
        return Optional.empty();
    }

    /** One event; empty at the end. */
    private static byte[] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (line.size() == MAX_OBJECT) {
                throw new FailedException("the server sent an object of more than %d bytes".formatted(MAX_OBJECT));
            }
            line.write(b);
        }
        return line.toByteArray();
    }
}
