package io.agenttier.e2e.crash;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import java.util.List;
import java.util.Map;

/** A node that has been silent for years. */
record GhostNode(KubeApi api) {
    private static final String NAME = "ghost";
    private static final String LONG_AGO = "2020-01-01T00:00:00Z";

    /** Binds the pod to it. */
    void take(JsonNode pod) {
        var created = api.post(
                "/api/v1/nodes",
                Map.of(
                        "metadata",
                        Map.of("name", NAME),
                        "status",
                        Map.of(
                                "conditions",
                                List.of(Map.of(
                                        "type", "Ready",
                                        "status", "Unknown",
                                        "reason", "NodeStatusUnknown",
                                        "message", "",
                                        "lastHeartbeatTime", LONG_AGO,
                                        "lastTransitionTime", LONG_AGO)))));
        if (created.code() != 201 && created.code() != 409) throw new AssertionError(created.toString());
        var bound = api.post(
                "/api/v1/namespaces/" + pod.at("/metadata/namespace").asText() + "/pods/"
                        + pod.at("/metadata/name").asText() + "/binding",
                Map.of(
                        "metadata",
                        Map.of("name", pod.at("/metadata/name").asText()),
                        "target",
                        Map.of("apiVersion", "v1", "kind", "Node", "name", NAME)));
        if (bound.code() != 201) throw new AssertionError(bound.toString());
    }

    void remove() {
        api.delete("/api/v1/nodes/" + NAME);
    }
}
