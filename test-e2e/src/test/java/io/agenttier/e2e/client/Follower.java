package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Response;

/**
 * Runs one command over server-sent events as a careful client does, and as a careless one on purpose: it may cut its own connection at any
 * byte. Whatever cuts it, it goes on by {@code log} at the next offset.
 */
public final class Follower {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final TestNamespace namespace;
    private final String sandbox;
    private final String process;
    private final Random random;
    private final double cutting;
    private final MessageDigest stdout = sha256();
    private final MessageDigest stderr = sha256();
    private long position;
    private boolean known;
    private int cuts;

    /** @param cutting how likely it is that an event is followed by a cut, 0 to 1 */
    public Follower(TestNamespace namespace, String sandbox, String process, Random random, double cutting) {
        this.namespace = namespace;
        this.sandbox = sandbox;
        this.process = process;
        this.random = random;
        this.cutting = cutting;
    }

    /** What came back: hashes in hex, the exit event's words, and how often the stream was cut on the way. */
    public record Result(String stdout, String stderr, int exitCode, String reason, int cuts) {}

    public Result run(Map<String, ?> body) {
        var deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            try (var response = known ? log() : start(body)) {
                if (response.code() == 200) {
                    known = true;
                    var exit = read(new SseStream(response));
                    if (exit != null) {
                        return new Result(
                                hex(stdout),
                                hex(stderr),
                                exit.data().get("exitCode").asInt(),
                                exit.data().get("reason").asText(),
                                cuts);
                    }
                } else if (response.code() == 404 && known) {
                    throw new AssertionError("process " + process + " is forgotten: "
                            + response.body().string());
                } else if (response.code() < 500 && response.code() != 429) {
                    throw new AssertionError(
                            response.code() + " " + response.body().string());
                }
            } catch (IOException e) {
                // cut: by ourselves, by a replica that died, by kube-apiserver
            }
            cuts++;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(200)));
        }
        throw new AssertionError(
                "process " + process + " was not read to its end within " + LIMIT + ", position " + position);
    }

    /** A named start may be repeated: it is one start. */
    private Response start(Map<String, ?> body) throws IOException {
        return namespace
                .api()
                .with("Accept", "text/event-stream")
                .open(
                        "POST",
                        namespace.path(sandbox, "exec?onDisconnect=keep"),
                        KubeApi.bytes(body),
                        "application/json");
    }

    private Response log() throws IOException {
        var path = namespace.path(sandbox, "log?process=" + process + "&offset=" + position + "&follow=true");
        return namespace.api().with("Accept", "text/event-stream").open("GET", path, null, null);
    }

    private SseStream.@org.jspecify.annotations.Nullable Event read(SseStream stream) throws IOException {
        for (var event = stream.next(); event.isPresent(); event = stream.next()) {
            switch (event.get().name()) {
                case "log" -> take(event.get());
                case "exit" -> {
                    return event.get();
                }
                case "gap" ->
                    throw new AssertionError(
                            "bytes were dropped: " + event.get().data());
                default -> {}
            }
            if (random.nextDouble() < cutting) return null;
        }
        return null;
    }

    private void take(SseStream.Event event) {
        var bytes = event.bytes();
        var end = event.data().get("offset").asLong();
        if (end - bytes.length != position) {
            throw new AssertionError(
                    "expected bytes from " + position + ", got " + (end - bytes.length) + " to " + end);
        }
        (event.data().get("stream").asText().equals("stdout") ? stdout : stderr).update(bytes);
        position = end;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
