package io.agenttier.e2e.agent;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.Response;

/** A client of an invocation with nothing but HTTP that follows the rules: one key for the start, {@code log} at the next offset after {@code continue} and after a cut. */
public final class LongReader {
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final Agents agents;
    private final String key;
    private final Counting work;
    private final MessageDigest stdout = Hashes.sha256();
    private final MessageDigest stderr = Hashes.sha256();
    private String process = "";
    private long offset;
    private long stderrBytes;
    private volatile long stdoutBytes;
    private int exitCode = Integer.MIN_VALUE;
    private long last = System.nanoTime();
    private volatile boolean continued;
    private int cuts;

    /** @param key of idempotency */
    public LongReader(Agents agents, String key, Counting work) {
        this.agents = agents;
        this.key = key;
        this.work = work;
    }

    /** Whether this part of all bytes of stdout has come. */
    public boolean hasSeen(double part) {
        return stdoutBytes >= part * work.stdoutBytes();
    }

    /** Whether it was told once that the answer ends before the process does. */
    boolean isContinued() {
        return continued;
    }

    public int cuts() {
        return cuts;
    }

    /** Reads to the end. */
    public String read() {
        while (exitCode == Integer.MIN_VALUE) {
            try (var response = process.isEmpty() ? start() : log()) {
                if (response.code() == 200) {
                    take(new SseStream(response));
                } else if (response.code() < 500 && response.code() != 429) {
                    throw new AssertionError("at " + offset + ": " + response.code() + " "
                            + response.body().string());
                }
            } catch (IOException e) {
                cuts++;
            }
            if (System.nanoTime() - last > SILENCE.toNanos()) {
                throw new AssertionError("nothing new for " + SILENCE + " at offset " + offset);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(150));
        }
        return Counting.told(exitCode, stdoutBytes, stdout, stderrBytes, stderr);
    }

    private Response start() throws IOException {
        return api().with("Idempotency-Key", key)
                .open(
                        "POST",
                        agents.path("invoke?onDisconnect=keep"),
                        KubeApi.bytes(Map.of("args", work.arguments())),
                        Agents.ENVELOPE);
    }

    private Response log() throws IOException {
        var query = "log?process=%s&offset=%d&follow=true".formatted(process, offset);
        return api().open("GET", agents.path(query), null, null);
    }

    private KubeApi api() {
        return agents.namespace().api().with("Accept", Agents.EVENTS);
    }

    private void take(SseStream stream) throws IOException {
        for (var event = stream.next(); event.isPresent(); event = stream.next()) {
            var data = event.get().data();
            switch (event.get().name()) {
                // that of log has another name for it
                case "start" ->
                    process = process.isEmpty() ? data.path("invokeId").asText() : process;
                case "log" -> add(event.get());
                case "continue" -> continued = true;
                case "exit" -> exitCode = data.path("exitCode").asInt();
                default -> throw new AssertionError("at " + offset + ": " + event.get());
            }
        }
    }

    private void add(SseStream.Event event) {
        var bytes = event.bytes();
        var end = event.data().path("offset").asLong();
        if (end - bytes.length != offset) {
            throw new AssertionError("expected bytes from " + offset + ", got " + (end - bytes.length) + " to " + end);
        }
        if (event.data().path("stream").asText().equals("stdout")) {
            stdout.update(bytes);
            var total = stdoutBytes + bytes.length;
            stdoutBytes = total;
        } else {
            stderr.update(bytes);
            stderrBytes += bytes.length;
        }
        offset = end;
        last = System.nanoTime();
    }
}
