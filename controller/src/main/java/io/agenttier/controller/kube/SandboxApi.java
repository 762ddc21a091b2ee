package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.openapi.JSON;

/** Writes to Sandboxes, by server-side apply at the resourceVersion that the decision was made for. */
public final class SandboxApi {
    private final Rest rest;

    public SandboxApi(Rest rest) {
        this.rest = rest;
    }

    public Written writeStatus(Sandbox sandbox, SandboxStatus status) {
        var body = identity(sandbox.metadata());
        body.add("status", StatusWire.of(status));
        return written(rest.apply(path(sandbox.metadata()) + "/status", body, Labels.MANAGER_CONTROLLER));
    }

    /** An automatic stop: {@code spec.powerState: Stopped} under the field manager that all power changes share. */
    public Written stop(Sandbox sandbox) {
        var spec = new JsonObject();
        spec.addProperty("powerState", PowerState.STOPPED.wire());
        var body = identity(sandbox.metadata());
        body.add("spec", spec);
        return written(rest.apply(path(sandbox.metadata()), body, Labels.MANAGER_POWER));
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
