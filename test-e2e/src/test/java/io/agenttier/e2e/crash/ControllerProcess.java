package io.agenttier.e2e.crash;

import io.agenttier.controller.effect.Effect;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A controller that runs as a process of this test. What it logged last is kept for the message of a failure. */
final class ControllerProcess implements AutoCloseable {
    private static final int KEPT_LINES = 60;

    private final Process process;
    private final Thread reader;
    private final List<Visit> visits = new ArrayList<>();
    private final Deque<String> log = new ArrayDeque<>();

    /** @param target path, see {@link io.agenttier.controller.effect.Witness} */
    record Visit(Effect effect, String target) {}

    ControllerProcess(ProcessBuilder builder) {
        try {
            process = builder.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        reader = Thread.ofVirtual().start(this::read);
    }

    /** All effects so far, in order. */
    List<Visit> visits() {
        synchronized (log) {
            return List.copyOf(visits);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Its exit code once it ended by itself. */
    int awaitEnd(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError("the controller still runs after " + seconds + " s" + lastLines());
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends it at once, as a node that loses power does. */
    @Override
    public void close() {
        process.destroyForcibly();
        awaitEnd(20);
    }

    /** Ends it as a rolling update does. */
    void end() {
        process.destroy();
        awaitEnd(30);
    }

    String lastLines() {
        synchronized (log) {
            return "\n" + String.join("\n", log);
        }
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (log) {
                    log.add(line);
                    if (log.size() > KEPT_LINES) log.remove();
                    if (line.startsWith(ControllerChild.VISIT)) {
                        var parts =
                                line.substring(ControllerChild.VISIT.length()).split(" ", 2);
                        visits.add(new Visit(Effect.valueOf(parts[0]), parts[1]));
                    }
                }
            }
        } catch (IOException e) {
            // the process was ended while it wrote
        }
    }
}
