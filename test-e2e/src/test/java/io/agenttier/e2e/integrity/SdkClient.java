package io.agenttier.e2e.integrity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agenttier.e2e.client.OwnPrograms;
import io.agenttier.e2e.cluster.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The Python SDK in an interpreter that runs one command after the other; a killed one is replaced at the next. */
final class SdkClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Ground ground;
    private final List<String> command;
    private final Map<String, String> environment;
    private @Nullable Process interpreter;

    /** @param blob file with the bytes of {@link Blobs#out} */
    SdkClient(Ground ground, Path kubeconfig, Path blob) {
        this.ground = ground;
        this.command = List.of(
                OwnPrograms.python(),
                "test-e2e/clients/sdk.py",
                ground.namespace().name(),
                ground.sandbox(),
                blob.toString());
        this.environment = Map.of("KUBECONFIG", kubeconfig.toString());
    }

    Outcome run(Work work) {
        var running = interpreter != null && interpreter.isAlive() ? interpreter : Command.start(command, environment);
        interpreter = running;
        var stdout = ground.stdout(work);
        var stderr = ground.stderr(work);
        var process = "";
        try (var watch = new Watch(running)) {
            var in = new BufferedReader(new InputStreamReader(running.getInputStream(), StandardCharsets.UTF_8));
            var out = running.getOutputStream();
            out.write(JSON.writeValueAsBytes(Map.of("argv", work.argv(), "stdin", work.echoes() ? work.out() : 0)));
            out.write('\n');
            out.flush();
            var seen = 0L;
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                watch.news();
                var told = JSON.readTree(line);
                process = told.path("process").asText(process);
                if (told.has("reason")) return ended(work, process, told);
                if (told.has("error")) {
                    return new Outcome(
                            process,
                            stdout,
                            stderr,
                            0,
                            new Outcome.End.Left(false, told.get("error").asText()));
                }
                seen = told.path("seen").asLong(seen);
                // before that it may not have asked for the start yet
                if (told.has("seen") && work.killAt() >= 0 && seen >= work.killAt())
                    running.destroyForcibly().waitFor();
            }
            if (watch.hasEnded()) {
                throw new AssertionError("nothing new from the SDK for " + Watch.SILENCE + "; process " + process
                        + ", stdout byte " + seen);
            }
        } catch (IOException e) {
            if (work.killAt() < 0) throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (work.killAt() < 0) throw new AssertionError("the interpreter ended by itself: " + errors(running));
        return new Outcome(process, stdout, stderr, 0, new Outcome.End.Left(true, "killed"));
    }

    /** The script has bytes and hash only, so what came is what was expected or nothing. */
    private Outcome ended(Work work, String process, JsonNode told) {
        return new Outcome(
                process,
                received(ground.blobs().out(), work.out(), told.get("stdout")),
                received(ground.blobs().err(), work.err(), told.get("stderr")),
                0,
                new Outcome.End.Ended(
                        told.get("reason").asText(), told.get("exitCode").asInt()));
    }

    private static Received received(byte[] source, int length, JsonNode told) {
        var stream = new Received(source, length);
        var bytes = told.get("bytes").asInt();
        var isSame = bytes == length && told.get("sha256").asText().equals(Blobs.hash(source, length));
        if (isSame) {
            stream.add(source, 0, length);
        } else {
            stream.add(new byte[bytes], 0, bytes);
        }
        return stream;
    }

    private static String errors(Process ended) {
        try {
            return new String(ended.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        if (interpreter != null) interpreter.destroyForcibly();
    }

    /** Ends an interpreter that stands still. */
    private static final class Watch implements AutoCloseable {
        static final Duration SILENCE = Duration.ofMinutes(4);

        private final Process interpreter;
        private final ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
        private final Future<?> looking;
        private volatile long last = System.nanoTime();
        private volatile boolean ended;

        Watch(Process interpreter) {
            this.interpreter = interpreter;
            this.looking = timer.scheduleWithFixedDelay(this::look, 5, 5, TimeUnit.SECONDS);
        }

        void news() {
            last = System.nanoTime();
        }

        boolean hasEnded() {
            return ended;
        }

        private void look() {
            if (System.nanoTime() - last < SILENCE.toNanos()) return;
            ended = true;
            interpreter.destroyForcibly();
        }

        @Override
        public void close() {
            looking.cancel(false);
            timer.close();
        }
    }
}
