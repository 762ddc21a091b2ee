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
            "resolvedAgentSpec",
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
        all.keySet().retainAll(OWN);
        leaveOut(all);
        if (all.get("resolvedAgentSpec") instanceof JsonObject agent) {
            leaveOut(agent);
        }
        return all;
    }

    /** What says nothing. */
    private static void leaveOut(JsonObject object) {
        object.entrySet().removeIf(entry -> isEmpty(entry.getValue()));
    }

    private static boolean isEmpty(JsonElement value) {
        return value.isJsonNull() || (value instanceof JsonArray array && array.isEmpty());
    }
}
