package io.agenttier.e2e.integrity;

import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.cluster.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Clients that are programs, whose standard streams are the command's: the plugin, and client-go's {@code remotecommand}. */
final class ProgramClient {
    private static final int LIMIT_SECONDS = 300;
    private static final int LAST_WORDS = 500;

    private final Ground ground;
    private final Work work;
    private final Path kubeconfig;

    /** The end of its standard error, whoever wrote it. */
    private String lastWords = "";

    ProgramClient(Ground ground, Work work, Path kubeconfig) {
        this.ground = ground;
        this.work = work;
        this.kubeconfig = kubeconfig;
    }

    /** It goes on by itself after cuts, so it is left only when it is killed; it tells no id. */
    Outcome plugin() {
        var command = new ArrayList<>(List.of(
                Path.of("build/bin/kubectl-sandbox").toAbsolutePath().toString(),
                "exec",
                "--namespace=" + ground.namespace().name(),
                ground.sandbox()));
        if (work.echoes()) command.add("-i");
        command.add("--");
        command.addAll(work.argv());
        return run(
                command,
                "",
                (code, areWhole) -> code == 1 && !areWhole
                        ? new Outcome.End.Left(false, lastWords)
                        : new Outcome.End.Ended("", code));
    }

    /** It ends at a cut, with an error of its own. */
    Outcome remotecommand(String name) {
        var path = ground.path("exec?process=" + name + (work.keeps() ? "&onDisconnect=keep" : ""));
        var command = ForeignClients.remotecommand(path, work.argv());
        return run(
                command,
                name,
                (code, _) -> code == ForeignClients.NOT_THE_COMMAND
                        ? new Outcome.End.Left(false, lastWords)
                        : new Outcome.End.Ended("", code));
    }

    private interface Reading {
        Outcome.End of(int code, boolean areWhole);
    }

    private Outcome run(List<String> command, String name, Reading reading) {
        var process = Command.start(command, Map.of("KUBECONFIG", kubeconfig.toString()));
        try {
            var stdout = ground.stdout(work);
            var stderr = ground.stderr(work);
            var readers = List.of(
                    Thread.ofVirtual().start(() -> read(process, stdout)),
                    Thread.ofVirtual().start(() -> readErrors(process, stderr)));
            Thread.ofVirtual().start(() -> feed(process.getOutputStream()));
            var hasEnded = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!hasEnded) throw new AssertionError(command + " did not end; stdout " + stdout + ", stderr " + stderr);
            for (var reader : readers) reader.join();
            var isKilled = process.exitValue() == 128 + 9 && work.killAt() >= 0 && stdout.count() >= work.killAt();
            if (isKilled) return new Outcome(name, stdout, stderr, 0, new Outcome.End.Left(true, "killed"));
            var end = reading.of(process.exitValue(), stdout.isWhole() && stderr.isWhole());
            // the words of one that failed stand among the command's, so nothing can be said of those
            var hasFailed = end instanceof Outcome.End.Left;
            return new Outcome(name, stdout, hasFailed ? ground.stderr(work) : stderr, 0, end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private void feed(OutputStream stdin) {
        try (stdin) {
            if (work.echoes()) stdin.write(ground.blobs().out(), 0, work.out());
        } catch (IOException e) {
            // it ended before it read all
        }
    }

    private void read(Process process, Received stdout) {
        each(process.getInputStream(), (bytes, size) -> {
            stdout.add(bytes, 0, size);
            // Process.destroyForcibly would also close what one that has just ended has written and nobody has read yet
            if (work.killAt() >= 0 && stdout.count() >= work.killAt())
                process.toHandle().destroyForcibly();
        });
    }

    private void readErrors(Process process, Received stderr) {
        each(process.getErrorStream(), (bytes, size) -> {
            var ofTheCommand = Math.min(size, stderr.missing());
            stderr.add(bytes, 0, ofTheCommand);
            var words = lastWords + new String(bytes, 0, size, StandardCharsets.ISO_8859_1);
            lastWords = words.substring(Math.max(0, words.length() - LAST_WORDS));
        });
    }

    private interface Sink {
        void take(byte[] bytes, int size);
    }

    private static void each(InputStream in, Sink sink) {
        var block = new byte[64 << 10];
        try {
            for (var size = in.read(block); size >= 0; size = in.read(block)) sink.take(block, size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
