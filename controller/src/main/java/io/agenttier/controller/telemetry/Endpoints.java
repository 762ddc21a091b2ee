package io.agenttier.controller.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;

/** {@code /metrics} on one port, {@code /healthz} and {@code /readyz} on another. Only GET and HEAD, no bodies. */
public final class Endpoints implements AutoCloseable {
    private static final int BACKLOG = 16;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer metricsServer;
    private final HttpServer healthServer;

    private Endpoints(HttpServer metricsServer, HttpServer healthServer) {
        this.metricsServer = metricsServer;
        this.healthServer = healthServer;
    }

    /**
     * @param ready whether the program does its work; a standby replica is ready too
     * @throws IOException if a port cannot be bound
     */
    public static Endpoints start(
            int metricsPort, int healthPort, Metrics metrics, BooleanSupplier ready, ExecutorService threads)
            throws IOException {
        var metricsServer = HttpServer.create(new InetSocketAddress(metricsPort), BACKLOG);
        metricsServer.createContext(
                "/metrics", e -> answer(e, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()));
        var healthServer = HttpServer.create(new InetSocketAddress(healthPort), BACKLOG);
        healthServer.createContext("/healthz", e -> answer(e, 200, TEXT, "ok\n"));
        healthServer.createContext("/readyz", e -> {
            var isReady = ready.getAsBoolean();
            answer(e, isReady ? 200 : 503, TEXT, isReady ? "ok\n" : "the caches are not filled yet\n");
        });
        for (var server : new HttpServer[] {metricsServer, healthServer}) {
            server.setExecutor(threads);
            server.start();
        }
        return new Endpoints(metricsServer, healthServer);
    }

    public int metricsPort() {
        return metricsServer.getAddress().getPort();
    }

    public int healthPort() {
        return healthServer.getAddress().getPort();
    }

    @Override
    public void close() {
        metricsServer.stop(0);
        healthServer.stop(0);
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        try (exchange) {
            var method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            if (method.equals("HEAD")) {
                exchange.sendResponseHeaders(code, -1);
                return;
            }
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
