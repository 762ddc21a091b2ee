package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import okhttp3.Response;

/** Server-sent events, gone on with by {@code log} at the next offset after each cut. */
final class SseClient {
    private final Ground ground;
    private final KubeApi api;
    private final Work work;
    private final String process;
    private final Received stdout;
    private final Received stderr;
    private final int killAt;
    private final Patience patience;
    private boolean known;
    private long position;

    private SseClient(Ground ground, KubeApi api, Work work, String process, int killAt) {
        this.ground = ground;
        this.api = api;
        this.work = work;
        this.process = process;
        this.stdout = ground.stdout(work);
        this.stderr = ground.stderr(work);
        this.killAt = killAt;
        this.patience = new Patience("process " + process + " by SSE");
    }

    /** Runs it under this name. */
    static Outcome run(Ground ground, KubeApi api, Work work, String name) {
        return new SseClient(ground, api, work, name, work.killAt()).run();
    }

    /** Reads a process of somebody else, from its first byte to its end. */
    static Outcome pickUp(Ground ground, KubeApi api, Work work, String id) {
        var client = new SseClient(ground, api, work, id, -1);
        client.known = true;
        return client.run();
    }

    private Outcome run() {
        while (true) {
            try (var response = known ? log() : start()) {
                if (response.code() == 200) {
                    known = true;
                    var end = read(new SseStream(response));
                    if (end != null) return new Outcome(process, stdout, stderr, patience.cuts(), end);
                } else if (!Processes.isPassing(response.code())) {
                    throw new AssertionError("process " + process + " by SSE at " + position + ": " + response.code()
                            + " " + response.body().string());
                }
            } catch (IOException e) {
                // cut: by the proxy, by a replica that died, by kube-apiserver
            }
            patience.cut(position);
        }
    }

    /** A named start may be repeated: it is one start. */
    private Response start() throws IOException {
        var body = new HashMap<String, Object>(Map.of("command", work.argv(), "process", process));
        if (work.echoes()) {
            body.put(
                    "stdinBase64",
                    Base64.getEncoder()
                            .encodeToString(Arrays.copyOf(ground.blobs().out(), work.out())));
        }
        var path = ground.path("exec" + (work.keeps() ? "?onDisconnect=keep" : ""));
        return api.with("Accept", "text/event-stream").open("POST", path, KubeApi.bytes(body), "application/json");
    }

    private Response log() throws IOException {
        var path = ground.path("log?process=" + process + "&offset=" + position + "&follow=true");
        return api.with("Accept", "text/event-stream").open("GET", path, null, null);
    }

    private Outcome.@org.jspecify.annotations.Nullable End read(SseStream stream) throws IOException {
        for (var event = stream.next(); event.isPresent(); event = stream.next()) {
            var data = event.get().data();
            switch (event.get().name()) {
                case "log" -> take(event.get());
                case "exit" -> {
                    return new Outcome.End.Ended(
                            data.get("reason").asText(), data.get("exitCode").asInt());
                }
                case "gap" -> throw new AssertionError("process " + process + " by SSE: bytes were dropped: " + data);
                default -> {}
            }
            if (killAt >= 0 && stdout.count() >= killAt) return new Outcome.End.Left(true, "killed");
        }
        return null;
    }

    private void take(SseStream.Event event) {
        var bytes = event.bytes();
        var end = event.data().get("offset").asLong();
        if (end - bytes.length != position) {
            throw new AssertionError("process %s by SSE: expected bytes from %d, got %d to %d"
                    .formatted(process, position, end - bytes.length, end));
        }
        (event.data().get("stream").asText().equals("stdout") ? stdout : stderr).add(bytes, 0, bytes.length);
        position = end;
        patience.progress();
    }
}
