package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /metrics} of AgentTier's own pods, reached by port-forward. */
public final class MetricsPages {
    private static final int APISERVER = 8443;
    private static final int CONTROLLER = 8081;

    private final Cluster cluster;

    public MetricsPages(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Of all replicas. */
    public String apiserver() {
        return all(
                "apiserver",
                APISERVER,
                port -> cluster.kubectl()
                        .run(
                                "--server=https://127.0.0.1:" + port,
                                "--insecure-skip-tls-verify",
                                "get",
                                "--raw",
                                "/metrics")
                        .orThrow()
                        .stdout());
    }

    public String controller() {
        return all("controller", CONTROLLER, port -> {
            try (var client = HttpClient.newHttpClient()) {
                var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
                return client.send(request.build(), BodyHandlers.ofString()).body();
            }
        });
    }

    private interface Page {
        String read(int port) throws IOException, InterruptedException;
    }

    private String all(String component, int port, Page page) {
        var pods = cluster.kubectl()
                .in("agenttier")
                .run(
                        "get",
                        "pods",
                        "-l",
                        "app.kubernetes.io/component=" + component,
                        "-o",
                        "jsonpath={.items[*].metadata.name}")
                .orThrow()
                .stdout()
                .strip();
        return Stream.of(pods.split(" ")).map(pod -> one(pod, port, page)).collect(Collectors.joining("\n"));
    }

    private String one(String pod, int port, Page page) {
        var forward = cluster.kubectl().in("agenttier").start("port-forward", "pod/" + pod, ":" + port);
        try {
            var line = forward.inputReader(StandardCharsets.UTF_8).readLine();
            if (line == null) throw new IllegalStateException("no port-forward to " + pod);
            return page.read(Integer.parseInt(line.replaceAll(".*:([0-9]+) -> .*", "$1")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            forward.destroy();
        }
    }
}
