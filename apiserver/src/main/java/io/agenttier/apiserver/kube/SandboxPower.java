package io.agenttier.apiserver.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.Power;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.KubernetesApiResponse;
import io.kubernetes.client.util.generic.options.PatchOptions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the wanted power state by server-side apply, as the field manager that owns it for everybody, so that a manifest which leaves it
 * out never fights. The uid goes with it: it writes to the sandbox that was looked at, or not at all.
 */
public final class SandboxPower implements Power {
    /** Annotation: who asked for the present power state. */
    static final String REQUESTED_BY = "agenttier.io/power-requested-by";

    private static final int REQUESTED_BY_CHARS = 256;

    private final GenericKubernetesApi<SandboxObject, SandboxObjectList> api;

    public SandboxPower(KubeConnection kube) {
        this.api = SandboxStore.sandboxApi(kube.calls());
    }

    @Override
    public void stop(SandboxState state, String by) {
        apply(state, requestedBy(by), Map.of("powerState", PowerState.STOPPED.wire()));
    }

    @Override
    public void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume) {
        var annotations = requestedBy(by);
        if (newVolume) {
            annotations.put(Labels.NEW_VOLUME, startRequestedAt.toString());
        }
        apply(
                state,
                annotations,
                Map.of("powerState", PowerState.RUNNING.wire(), "startRequestedAt", startRequestedAt.toString()));
    }

    private void apply(SandboxState state, Map<String, String> annotations, Map<String, String> spec) {
        var patch = new V1Patch(new String(document(state, annotations, spec), StandardCharsets.UTF_8));
        var options = new PatchOptions().fieldManager(Labels.MANAGER_POWER).force(true);
        KubernetesApiResponse<SandboxObject> response;
        try {
            response = api.patch(state.namespace(), state.name(), V1Patch.PATCH_FORMAT_APPLY_YAML, patch, options);
        } catch (IllegalStateException e) {
            // How GenericKubernetesApi reports that no answer came.
            throw new ApiException(new ApiError.Unavailable(
                    "kube-apiserver cannot be reached: it is not known whether the power state of sandbox \"%s\" was written"
                            .formatted(state.name())));
        }
        if (!response.isSuccess()) {
            throw new ApiException(error(state, response));
        }
    }

    private static Map<String, String> requestedBy(String by) {
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(REQUESTED_BY, shortened(by));
        return annotations;
    }

    private static byte[] document(SandboxState state, Map<String, String> annotations, Map<String, String> spec) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("namespace", state.namespace());
        metadata.put("name", state.name());
        metadata.put("uid", state.uid());
        metadata.put("annotations", annotations);
        var document = new LinkedHashMap<String, Object>();
        document.put("apiVersion", ApiGroup.API_VERSION);
        document.put("kind", Sandbox.KIND);
        document.put("metadata", metadata);
        document.put("spec", spec);
        return Json.write(document);
    }

    private static ApiError error(SandboxState state, KubernetesApiResponse<?> response) {
        int status = response.getHttpStatusCode();
        boolean replaced = status == 404 || status == 409 || (status == 422 && namesUid(response.getStatus()));
        if (replaced) {
            return conflict(state, "was deleted or replaced meanwhile: look again");
        }
        return switch (status) {
            case 422 ->
                conflict(state, "as it is stored is no longer valid and cannot be written: correct its spec first");
            case 403 ->
                new ApiError.Internal(
                        "the apiserver may not write spec.powerState of sandboxes: its role lacks patch on them");
            default ->
                new ApiError.Unavailable(
                        "the power state of sandbox \"%s\" could not be written: kube-apiserver answered %d, try again"
                                .formatted(state.name(), status));
        };
    }

    private static ApiError conflict(SandboxState state, String what) {
        return new ApiError.Conflict("sandboxes", state.name(), "sandbox \"%s\" %s".formatted(state.name(), what));
    }

    /** Apply to an object with another uid is refused as a change of an immutable field. */
    private static boolean namesUid(@Nullable V1Status status) {
        var details = status == null ? null : status.getDetails();
        return details != null
                && details.getCauses() != null
                && details.getCauses().stream().anyMatch(cause -> "metadata.uid".equals(cause.getField()));
    }

    private static String shortened(String user) {
        int end = Math.min(user.length(), REQUESTED_BY_CHARS);
        if (end > 0 && end < user.length() && Character.isHighSurrogate(user.charAt(end - 1))) {
            end--;
        }
        return user.substring(0, end);
    }
}
