package io.agenttier.controller.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.JSON;
import java.util.Set;

/** The part of a status that this program owns, as server-side apply wants it: what is not there is given up. */
final class StatusWire {
    private static final Set<String> OWN = Set.of(
            "phase",
            "conditions",
            "observedGeneration",
            "message",
            "mode",
            "podName",
            "podUID",
            "incarnation",
            "node",
            "pvcName",
            "resolvedTemplate",
            "templateResourceVersion",
            "templateChain",
            "startedAt",
            "startupDurationMs",
            "stopped",
            "scheduledStop",
            "restartCount",
            "lastRestartTime",
            "nextRetryTime",
            "firstIncarnation",
            "harness",
            "forwardedPorts");

    private StatusWire() {}

    static JsonObject of(SandboxStatus status) {
        var all = JSON.getGson().toJsonTree(status).getAsJsonObject();
        var own = new JsonObject();
        for (var entry : all.entrySet()) {
            if (OWN.contains(entry.getKey()) && !isEmpty(entry.getValue())) {
                own.add(entry.getKey(), entry.getValue());
            }
        }
        return own;
    }

    private static boolean isEmpty(JsonElement value) {
        return value.isJsonNull() || (value instanceof JsonArray array && array.isEmpty());
    }
}
