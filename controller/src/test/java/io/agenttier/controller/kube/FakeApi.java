package io.agenttier.controller.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/**
 * The API server as far as this program uses it, in memory: create, apply (as a merge), delete with uid, lists, watches, versions and
 * conflicts. Every path is an object; a path that ends with a plural is a list.
 */
public final class FakeApi implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, JsonObject> objects = new TreeMap<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final List<String> writes = new CopyOnWriteArrayList<>();
    private final List<String> watches = new CopyOnWriteArrayList<>();
    private long version = 1;

    private record Watcher(String collection, OutputStream out) {}

    public FakeApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    public ApiClient client() {
        var address = server.getAddress();
        var client = new ApiClient();
        client.setBasePath("http://" + address.getHostString() + ":" + address.getPort());
        client.setReadTimeout(0);
        return client;
    }

    /** Watches so far, as {@code /api/v1/pods?…}. */
    public List<String> watches() {
        return List.copyOf(watches);
    }

    /** The watches that are open tell nothing any more, and stay open. */
    public synchronized void stallWatches() {
        watchers.clear();
    }

    /** Writes so far, as {@code POST /api/v1/…}. */
    public List<String> writes() {
        return List.copyOf(writes);
    }

    public synchronized JsonObject object(String path) {
        var found = objects.get(path);
        return found == null ? new JsonObject() : found.deepCopy();
    }

    public synchronized boolean has(String path) {
        return objects.containsKey(path);
    }

    /** Puts an object there without asking anybody, or changes it. */
    public synchronized void put(String path, String json) {
        store(path, JsonParser.parseString(json).getAsJsonObject());
    }

    public synchronized void change(String path, UnaryOperator<JsonObject> change) {
        store(path, change.apply(object(path)));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var query = String.valueOf(exchange.getRequestURI().getQuery());
        var method = exchange.getRequestMethod();
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (method.equals("GET") && query.contains("watch=true")) {
            watches.add(path + "?" + query);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            watchers.add(new Watcher(path, exchange.getResponseBody()));
            return;
        }
        if (!method.equals("GET")) {
            writes.add(method + " " + path);
        }
        try (exchange) {
            var answer = answer(method, path, body);
            var bytes = answer.body().toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.code(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private record Reply(int code, JsonObject body) {}

    private synchronized Reply answer(String method, String path, String body) {
        var json =
                body.isEmpty() ? new JsonObject() : JsonParser.parseString(body).getAsJsonObject();
        return switch (method) {
            case "GET" -> objects.containsKey(path) ? new Reply(200, objects.get(path)) : list(path);
            case "POST" -> create(path + "/" + name(json), json);
            case "PATCH" -> patch(path.replaceFirst("/status$", ""), json);
            case "DELETE" -> delete(path, json);
            default -> status(405, "MethodNotAllowed");
        };
    }

    private Reply list(String path) {
        var isList = path.matches("/api/v1/[a-z]+|/apis/[^/]+/[^/]+/[a-z]+|.*/namespaces/[^/]+/[a-z]+");
        if (!isList) {
            return status(404, "NotFound");
        }
        var items = new JsonArray();
        objects.forEach((key, value) -> {
            if (isIn(path, key)) {
                items.add(value);
            }
        });
        var list = new JsonObject();
        list.add("metadata", versioned());
        list.add("items", items);
        return new Reply(200, list);
    }

    private Reply create(String path, JsonObject json) {
        if (objects.containsKey(path)) {
            return status(409, "AlreadyExists");
        }
        var meta = json.getAsJsonObject("metadata");
        meta.addProperty("uid", UUID.randomUUID().toString());
        return new Reply(201, store(path, json));
    }

    private Reply patch(String path, JsonObject json) {
        var present = objects.get(path);
        if (present == null) {
            return status(404, "NotFound");
        }
        var wanted = json.getAsJsonObject("metadata").get("resourceVersion");
        if (wanted != null && !wanted.equals(present.getAsJsonObject("metadata").get("resourceVersion"))) {
            return status(409, "Conflict");
        }
        var merged = present.deepCopy();
        json.entrySet().stream().filter(e -> !e.getKey().equals("metadata")).forEach(e -> {
            if (e.getKey().equals("spec") && merged.has("spec")) {
                e.getValue()
                        .getAsJsonObject()
                        .entrySet()
                        .forEach(s -> merged.getAsJsonObject("spec").add(s.getKey(), s.getValue()));
            } else {
                merged.add(e.getKey(), e.getValue());
            }
        });
        keepWhatOthersOwn(present, merged);
        return new Reply(200, store(path, merged));
    }

    /** Only the apiserver writes what was configured, under a manager of its own. */
    private static void keepWhatOthersOwn(JsonObject before, JsonObject after) {
        if (before.get("status") instanceof JsonObject status && status.has("agentConfigure")) {
            after.getAsJsonObject("status").add("agentConfigure", status.get("agentConfigure"));
        }
    }

    private Reply delete(String path, JsonObject options) {
        var present = objects.get(path);
        if (present == null) {
            return status(404, "NotFound");
        }
        var uid = options.getAsJsonObject("preconditions").get("uid");
        if (!uid.equals(present.getAsJsonObject("metadata").get("uid"))) {
            return status(409, "Conflict");
        }
        objects.remove(path);
        tell("DELETED", path, present);
        return new Reply(200, present);
    }

    private JsonObject store(String path, JsonObject json) {
        var type = objects.containsKey(path) ? "MODIFIED" : "ADDED";
        json.getAsJsonObject("metadata").addProperty("resourceVersion", Long.toString(++version));
        objects.put(path, json);
        tell(type, path, json);
        return json;
    }

    private void tell(String type, String path, JsonObject object) {
        var event = new JsonObject();
        event.addProperty("type", type);
        event.add("object", object);
        var line = (event + "\n").getBytes(StandardCharsets.UTF_8);
        var gone = new ArrayList<Watcher>();
        for (var watcher : watchers) {
            if (isIn(watcher.collection(), path)) {
                try {
                    watcher.out().write(line);
                    watcher.out().flush();
                } catch (IOException e) {
                    gone.add(watcher);
                }
            }
        }
        watchers.removeAll(gone);
    }

    /** Whether {@code path} is an object of {@code collection}, which may be that of all namespaces. */
    private static boolean isIn(String collection, String path) {
        var plural = collection.substring(collection.lastIndexOf('/') + 1);
        var root =
                collection.contains("/namespaces/") ? collection : collection.substring(0, collection.lastIndexOf('/'));
        var parts = path.split("/", -1);
        return path.startsWith(root + "/") && parts[parts.length - 2].equals(plural);
    }

    private JsonObject versioned() {
        var metadata = new JsonObject();
        metadata.addProperty("resourceVersion", Long.toString(version));
        return metadata;
    }

    private static Reply status(int code, String reason) {
        var status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("reason", reason);
        status.addProperty("message", reason + " by the fake");
        return new Reply(code, status);
    }

    private static String name(JsonObject json) {
        return json.getAsJsonObject("metadata").get("name").getAsString();
    }
}
