package io.agenttier.controller.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Metrics metrics = new Metrics();
    private final AtomicBoolean ready = new AtomicBoolean();
    private final Endpoints endpoints;

    EndpointsTest() throws IOException {
        endpoints = Endpoints.start(0, 0, metrics, ready::get, threads);
    }

    @AfterEach
    void close() {
        endpoints.close();
        threads.shutdownNow();
    }

    private HttpResponse<String> call(String method, int port, String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void livesAtOnceAndIsReadyWhenItsCachesAreFilled() throws IOException, InterruptedException {
        assertThat(call("GET", endpoints.healthPort(), "/healthz").statusCode()).isEqualTo(200);
        assertThat(call("GET", endpoints.healthPort(), "/readyz").statusCode()).isEqualTo(503);
        ready.set(true);
        assertThat(call("GET", endpoints.healthPort(), "/readyz").statusCode()).isEqualTo(200);
        assertThat(call("POST", endpoints.healthPort(), "/healthz").statusCode())
                .isEqualTo(405);
        assertThat(call("GET", endpoints.healthPort(), "/metrics").statusCode()).isEqualTo(404);
    }

    @Test
    void sandboxesAreCountedInOnePhaseEach() throws IOException, InterruptedException {
        metrics.sandbox("a", "Creating", "code");
        metrics.sandbox("a", "Running", "code");
        metrics.sandbox("b", "Running", "code");
        metrics.sandboxGone("b");
        metrics.sandboxGone("b");
        metrics.started("t", "cold", Duration.ofMillis(700));
        metrics.queueDepth(() -> 3);
        var text = call("GET", endpoints.metricsPort(), "/metrics").body();
        assertThat(text)
                .contains("agenttier_sandboxes{phase=\"Creating\",mode=\"code\",} 0.0")
                .contains("agenttier_sandboxes{phase=\"Running\",mode=\"code\",} 1.0")
                .contains("agenttier_sandbox_startup_duration_seconds_count{template=\"t\",path=\"cold\",} 1.0")
                .contains("agenttier_reconcile_queue_depth{controller=\"sandbox\",} 3.0");
    }

    @Test
    void templatesBeyondTheLimitAreCountedTogether() {
        for (var i = 0; i < 150; i++) {
            metrics.started("t" + i, "cold", Duration.ofSeconds(1));
        }
        assertThat(metrics.text()).contains("_count{template=\"other\",path=\"cold\",} 50.0");
    }
}
