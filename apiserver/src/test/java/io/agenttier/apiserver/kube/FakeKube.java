package io.agenttier.apiserver.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agenttier.apiserver.codec.Json;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A kube-apiserver that keeps objects by their collection path, lists and watches them, answers reviews and fails on request. */
public final class FakeKube implements AutoCloseable {
    private static final byte[] END = new byte[0];
    private static final Pattern COLLECTION = Pattern.compile("/(sandboxes|pods|secrets|configmaps)$");

    private final HttpServer server;
    private final Map<String, Map<String, Map<String, Object>>> objects = new ConcurrentHashMap<>();
    private final Map<String, List<Watcher>> watchers = new ConcurrentHashMap<>();
    private final AtomicInteger version = new AtomicInteger(1);
    public final BlockingQueue<Map<String, Object>> reviews = new LinkedBlockingQueue<>();
    public volatile Function<Map<String, Object>, Map<String, Object>> reviewer = _ -> Map.of("allowed", true);
    /** Answers that many requests with 500 before it goes on. */
    public final AtomicInteger failures = new AtomicInteger();

    private record Watcher(String query, BlockingQueue<byte[]> events) {}

    public FakeKube() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    public KubeConnection connection() {
        return new KubeConnection(client(10_000), client(0));
    }

    private ApiClient client(int readMillis) {
        var client = new ApiClient();
        client.setBasePath("http://127.0.0.1:" + server.getAddress().getPort());
        client.setReadTimeout(readMillis);
        return client;
    }

    /** @param collection for example {@code /api/v1/namespaces/kube-system/configmaps} */
    public void put(String collection, String name, Map<String, Object> fields) {
        var object = new LinkedHashMap<>(fields);
        object.put("metadata", Map.of("name", name, "resourceVersion", "" + version.incrementAndGet()));
        object.put("apiVersion", "v1");
        synchronized (this) {
            objects.computeIfAbsent(collection, _ -> new ConcurrentHashMap<>()).put(name, object);
            tell(collection, name, Json.write(Map.of("type", "MODIFIED", "object", object)));
        }
    }

    public void delete(String collection, String name) {
        synchronized (this) {
            var object = objects.getOrDefault(collection, Map.of()).remove(name);
            tell(collection, name, Json.write(Map.of("type", "DELETED", "object", object == null ? Map.of() : object)));
        }
    }

    /** Ends every watch, as kube-apiserver does every few minutes. */
    public void endWatches() {
        synchronized (this) {
            watchers.values().forEach(all -> all.forEach(watcher -> watcher.events.add(END)));
        }
    }

    private void tell(String collection, String name, byte[] event) {
        for (var watcher : watchers.getOrDefault(collection, List.of())) {
            if (selects(watcher.query, name)) {
                watcher.events.add(event);
            }
        }
    }

    private static boolean selects(String query, String name) {
        return !query.contains("fieldSelector") || query.contains("fieldSelector=metadata.name=" + name);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var query = exchange.getRequestURI().getQuery() == null
                    ? ""
                    : exchange.getRequestURI().getQuery();
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                answer(exchange, 500, Map.of("kind", "Status", "code", 500));
            } else if (path.endsWith("reviews")) {
                var review = new LinkedHashMap<>(Json.object(body));
                reviews.add(review);
                review.put("status", reviewer.apply(review));
                answer(exchange, 201, review);
            } else if (query.contains("watch=true")) {
                watch(exchange, path, query);
            } else if (COLLECTION.matcher(path).find()) {
                answer(exchange, 200, list(path, query));
            } else {
                answerObject(exchange, path);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void answerObject(HttpExchange exchange, String path) throws IOException {
        int slash = path.lastIndexOf('/');
        var object = objects.getOrDefault(path.substring(0, slash), Map.of()).get(path.substring(slash + 1));
        if (object == null) {
            answer(exchange, 404, Map.of("kind", "Status", "apiVersion", "v1", "code", 404, "reason", "NotFound"));
        } else {
            answer(exchange, 200, object);
        }
    }

    private Map<String, Object> list(String path, String query) {
        var items = new ArrayList<Object>();
        synchronized (this) {
            objects.getOrDefault(path, Map.of()).forEach((name, object) -> {
                if (selects(query, name)) {
                    items.add(object);
                }
            });
            return Map.of(
                    "kind",
                    "List",
                    "apiVersion",
                    "v1",
                    "metadata",
                    Map.of("resourceVersion", "" + version.get()),
                    "items",
                    items);
        }
    }

    private void watch(HttpExchange exchange, String path, String query) throws IOException, InterruptedException {
        var events = new LinkedBlockingQueue<byte[]>();
        var watcher = new Watcher(query, events);
        synchronized (this) {
            // what changed between list and watch comes again: consumers take every version
            objects.getOrDefault(path, Map.of()).forEach((name, object) -> {
                if (selects(query, name)) {
                    events.add(Json.write(Map.of("type", "ADDED", "object", object)));
                }
            });
            watchers.computeIfAbsent(path, _ -> new ArrayList<>()).add(watcher);
        }
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            out.flush();
            for (var event = events.take(); event.length > 0; event = events.take()) {
                out.write(event);
                out.write('\n');
                out.flush();
            }
        } finally {
            synchronized (this) {
                watchers.getOrDefault(path, new ArrayList<>()).remove(watcher);
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, Object> document) throws IOException {
        byte[] bytes = Json.write(document);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Text as a Secret holds it. */
    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        endWatches();
        server.stop(0);
    }
}
