package io.agenttier.apiserver.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.resource.ActivityWriter;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CustomObjectsApi;
import io.kubernetes.client.util.PatchUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Writes {@code status.lastActivityTimestamp} by server-side apply, as its own field manager. */
public final class SandboxActivity implements ActivityWriter {
    private final ApiClient client;
    private final CustomObjectsApi api;

    public SandboxActivity(KubeConnection kube) {
        this.client = kube.calls();
        this.api = new CustomObjectsApi(client);
    }

    @Override
    public void write(SandboxState sandbox, Instant lastActivity) throws IOException {
        var patch = new V1Patch(new String(document(sandbox, lastActivity), StandardCharsets.UTF_8));
        try {
            var _ = PatchUtils.patch(
                    Object.class,
                    () -> api.patchNamespacedCustomObjectStatus(
                                    ApiGroup.GROUP,
                                    ApiGroup.VERSION,
                                    sandbox.namespace(),
                                    Sandbox.PLURAL,
                                    sandbox.name(),
                                    patch)
                            .fieldManager(Labels.MANAGER_ACTIVITY)
                            .force(true)
                            .buildCall(null),
                    V1Patch.PATCH_FORMAT_APPLY_YAML,
                    client);
        } catch (ApiException e) {
            throw KubeFailure.of(e);
        }
    }

    /** The uid goes with it, so that a successor of the same name is never taken for the one that was used. */
    private static byte[] document(SandboxState sandbox, Instant lastActivity) {
        return Json.write(Map.of(
                "apiVersion",
                ApiGroup.API_VERSION,
                "kind",
                Sandbox.KIND,
                "metadata",
                Map.of("namespace", sandbox.namespace(), "name", sandbox.name(), "uid", sandbox.uid()),
                "status",
                Map.of(
                        "lastActivityTimestamp",
                        lastActivity.truncatedTo(ChronoUnit.MILLIS).toString())));
    }
}
