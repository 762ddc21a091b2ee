package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** A process of the plugin whose input and output are streams of any length: neither is kept. */
public final class PluginPipe {
    /** Writes what the plugin reads. The stream is closed afterwards. */
    public interface Feed {
        void into(OutputStream stdin) throws IOException;
    }

    /** Reads all that the plugin writes. */
    public interface Take<T> {
        T from(InputStream stdout) throws IOException;
    }

    private PluginPipe() {}

    /** Runs to the end, which must be a good one. */
    public static <T> T run(TestNamespace namespace, Feed feed, Take<T> take, String... arguments)
            throws InterruptedException, ExecutionException {
        var command = new ArrayList<>(List.of(
                Path.of("build/bin/kubectl-sandbox").toAbsolutePath().toString(),
                arguments[0],
                "--namespace=" + namespace.name()));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        var environment = Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString());
        var process = Command.start(command, environment);
        try (var streams = Executors.newVirtualThreadPerTaskExecutor()) {
            var said =
                    streams.submit(() -> new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            var fed = streams.submit(() -> {
                try (var stdin = process.getOutputStream()) {
                    feed.into(stdin);
                }
                return null;
            });
            var taken = streams.submit(() -> take.from(process.getInputStream()));
            var code = process.waitFor();
            if (code != 0) throw new IllegalStateException("%s: exit code %d, %s".formatted(command, code, said.get()));
            fed.get();
            return taken.get();
        } finally {
            process.destroyForcibly();
        }
    }
}
