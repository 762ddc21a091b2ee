package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.AutomaticStop;
import io.agenttier.controller.plan.Refusal;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.openapi.JSON;
import java.util.Optional;

/** Writes to Sandboxes, by server-side apply at the resourceVersion that the decision was made for. */
public final class SandboxApi {
    private final Rest rest;

    public SandboxApi(Rest rest) {
        this.rest = rest;
    }

    public Written writeStatus(Sandbox sandbox, SandboxStatus status) {
        var body = identity(sandbox.metadata());
        body.add("status", StatusWire.of(status));
        return written(
                rest.apply(Effect.WRITE_STATUS, path(sandbox.metadata()) + "/status", body, Labels.MANAGER_CONTROLLER));
    }

    /**
     * An automatic stop: {@code spec.powerState: Stopped} under the field manager that all power changes share.
     *
     * @param mark value of {@link AutomaticStop#ANNOTATION}; empty for none
     */
    public Written stop(Sandbox sandbox, String mark) {
        var spec = new JsonObject();
        spec.addProperty("powerState", PowerState.STOPPED.wire());
        var body = identity(sandbox.metadata());
        body.add("spec", spec);
        if (!mark.isEmpty()) {
            var annotations = new JsonObject();
            annotations.addProperty(AutomaticStop.ANNOTATION, mark);
            body.getAsJsonObject("metadata").add("annotations", annotations);
        }
        return written(rest.apply(Effect.STOP_SANDBOX, path(sandbox.metadata()), body, Labels.MANAGER_POWER));
    }

    /**
     * Deletes exactly this sandbox in exactly this state; if anything about it has changed that is a conflict.
     *
     * @return the refusal, if any
     */
    public Optional<Refusal> delete(Sandbox sandbox) {
        var metadata = sandbox.metadata();
        return rest.delete(Effect.DELETE_SANDBOX, path(metadata), metadata.uid(), metadata.resourceVersion())
                        instanceof Answer.Refused r
                ? Optional.of(r.refusal())
                : Optional.empty();
    }

    private static Written written(Answer answer) {
        return switch (answer) {
            case Answer.Done d ->
                new Written.Done(
                        JSON.getGson().fromJson(d.body(), SandboxObject.class).toSandbox());
            case Answer.Refused r -> new Written.Refused(r.refusal());
        };
    }

    private static String path(ObjectMeta metadata) {
        return ResourceKind.SANDBOX.path(metadata.namespace(), metadata.name());
    }

    private static JsonObject identity(ObjectMeta metadata) {
        var meta = new JsonObject();
        meta.addProperty("name", metadata.name());
        meta.addProperty("namespace", metadata.namespace());
        meta.addProperty("uid", metadata.uid());
        meta.addProperty("resourceVersion", metadata.resourceVersion());
        var body = new JsonObject();
        body.addProperty("apiVersion", ApiGroup.API_VERSION);
        body.addProperty("kind", Sandbox.KIND);
        body.add("metadata", meta);
        return body;
    }
}
