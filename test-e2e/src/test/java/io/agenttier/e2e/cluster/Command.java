package io.agenttier.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program run to its end, with what it printed. */
public final class Command {
    private static final Duration LIMIT = Duration.ofMinutes(20);

    /**
     * @param code exit code
     * @param stdout bytes as UTF-8
     */
    public record Result(List<String> command, int code, String stdout, String stderr) {
        /** This result if the program succeeded; otherwise an exception with everything it said. */
        public Result orThrow() {
            if (code != 0) throw new IllegalStateException(toString());
            return this;
        }

        @Override
        public String toString() {
            return String.join(" ", command) + "\nexit code " + code + "\n" + stdout + stderr;
        }
    }

    private Command() {}

    public static Result run(String... command) {
        return run(List.of(command), Map.of(), new byte[0]);
    }

    public static Result run(List<String> command, Map<String, String> environment, byte[] stdin) {
        var process = start(command, environment);
        var stdout = read(process.getInputStream());
        var stderr = read(process.getErrorStream());
        try {
            try (var in = process.getOutputStream()) {
                in.write(stdin);
            } catch (IOException e) {
                // the program ended without reading all of it; its exit code tells what that means
            }
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + " did not end within " + LIMIT);
            }
            return new Result(List.copyOf(command), process.exitValue(), stdout.join(), stderr.join());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    public static Process start(List<String> command, Map<String, String> environment) {
        var builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CompletableFuture<String> read(java.io.InputStream in) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }
}
