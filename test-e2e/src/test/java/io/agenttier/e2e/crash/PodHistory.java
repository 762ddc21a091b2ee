package io.agenttier.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches all pods of sandboxes for as long as it is open, and keeps what must never have been. */
final class PodHistory implements AutoCloseable {
    private static final String PODS = "/api/v1/pods?labelSelector=agenttier.io/managed=true";

    private final KubeApi api;
    private final String prefix;
    private final Thread thread;
    private final Map<String, String> uidOfIncarnation = new HashMap<>();
    private final Map<String, Set<String>> present = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private volatile boolean closed;

    /** @param prefix of the namespaces that count */
    PodHistory(KubeApi api, String prefix) {
        this.api = api;
        this.prefix = prefix;
        var list = api.get(PODS).json();
        list.get("items").forEach(pod -> seen("ADDED", pod));
        this.thread = Thread.ofVirtual()
                .start(() -> watch(list.at("/metadata/resourceVersion").asText()));
    }

    /** Second pods of an incarnation, and pods beside another of the same sandbox that was not being deleted. */
    List<String> wrong() {
        synchronized (wrong) {
            return List.copyOf(wrong);
        }
    }

    int pods() {
        synchronized (wrong) {
            return uidOfIncarnation.size();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void watch(String from) {
        var version = from;
        while (!closed) {
            try (var response = api.open(
                            "GET", PODS + "&watch=1&allowWatchBookmarks=true&resourceVersion=" + version, null, null);
                    var lines = new BufferedReader(
                            new InputStreamReader(response.body().byteStream(), StandardCharsets.UTF_8))) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    var event = KubeApi.json(line);
                    if (event.get("type").asText().equals("ERROR")) {
                        throw new IllegalStateException("the watch has a gap: " + line);
                    }
                    version = event.at("/object/metadata/resourceVersion").asText();
                    seen(event.get("type").asText(), event.get("object"));
                }
            } catch (IOException e) {
                // closed, or opened again where it was
            } catch (IllegalStateException e) {
                if (!closed) {
                    note(String.valueOf(e.getMessage()));
                    return;
                }
            }
        }
    }

    private void seen(String type, JsonNode pod) {
        var namespace = pod.at("/metadata/namespace").asText();
        if (type.equals("BOOKMARK") || !namespace.startsWith(prefix)) {
            return;
        }
        var labels = pod.at("/metadata/labels");
        var sandbox = namespace + "/" + labels.path("agenttier.io/sandbox").asText();
        var incarnation =
                sandbox + " " + labels.path("agenttier.io/incarnation").asText();
        var uid = pod.at("/metadata/uid").asText();
        synchronized (wrong) {
            var known = uidOfIncarnation.putIfAbsent(incarnation, uid);
            if (known != null && !known.equals(uid)) {
                note("incarnation " + incarnation + " has the pods " + known + " and " + uid);
            }
            var pods = present.computeIfAbsent(sandbox, _ -> new HashSet<>());
            if (type.equals("DELETED") || pod.at("/metadata").has("deletionTimestamp")) {
                pods.remove(uid);
            } else if (pods.add(uid) && pods.size() > 1) {
                note("sandbox " + sandbox + " has the pods " + pods);
            }
        }
    }

    private void note(String what) {
        synchronized (wrong) {
            wrong.add(what);
        }
    }
}
