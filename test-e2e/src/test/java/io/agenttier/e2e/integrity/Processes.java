package io.agenttier.e2e.integrity;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;

/** What sandboxd says of processes, asked for again while replicas die. */
final class Processes {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Ground ground;

    Processes(Ground ground) {
        this.ground = ground;
    }

    /** The last process whose id, own name, or program is that. */
    Optional<JsonNode> find(String name) {
        var items = answer("processes").json().get("items");
        return StreamSupport.stream(items.spliterator(), false)
                .filter(item -> item.get("id").asText().equals(name)
                        || item.get("id").asText().endsWith("." + name)
                        || item.get("name").asText().equals(name))
                .reduce((_, last) -> last);
    }

    /** Its item once it has ended. Asking is no sign that somebody still reads it. */
    JsonNode ended(String id) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            var item = find(id).orElseThrow(() -> new AssertionError("process " + id + " is forgotten"));
            if (!item.get("running").asBoolean()) return item;
            if (System.nanoTime() > deadline) {
                throw new AssertionError("process still runs after " + LIMIT + ": " + item);
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }

    /** The exit event of an ended process whose output ends at that offset. */
    JsonNode exit(String id, long offset) {
        var events = answer("log?process=" + id + "&offset=" + offset).text();
        var exit = events.lines()
                .dropWhile(line -> !line.equals("event: exit"))
                .filter(line -> line.startsWith("data:"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("process " + id + " has not ended at offset " + offset
                        + ", as its client was told: " + events));
        return KubeApi.json(exit.substring("data:".length()));
    }

    private KubeApi.Reply answer(String call) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                var reply = ground.namespace()
                        .api()
                        .with("Accept", "text/event-stream, application/json")
                        .get(ground.path(call));
                if (reply.code() == 200) return reply;
                if (!isPassing(reply.code())) throw new AssertionError(reply.toString());
            } catch (UncheckedIOException e) {
                if (System.nanoTime() > deadline) throw e;
            }
            pause();
        }
    }

    /** A replica died, or none is there now. */
    static boolean isPassing(int code) {
        return code >= 500 || code == 429;
    }

    static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
    }
}
