package io.agenttier.controller.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.OwnerReference;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A Sandbox as the Java client wants it; bound by Gson. */
public final class SandboxObject implements KubernetesObject {
    private String apiVersion = ApiGroup.API_VERSION;
    private String kind = Sandbox.KIND;
    private @Nullable V1ObjectMeta metadata;
    private @Nullable SandboxSpec spec;
    private @Nullable SandboxStatus status;

    @Override
    public V1ObjectMeta getMetadata() {
        return Objects.requireNonNullElseGet(metadata, V1ObjectMeta::new);
    }

    @Override
    public String getApiVersion() {
        return apiVersion;
    }

    /** Called by the informers of the Java client: items of a list come without it. */
    public void setApiVersion(String apiVersion) {
        this.apiVersion = apiVersion;
    }

    @Override
    public String getKind() {
        return kind;
    }

    /** Called by the informers of the Java client: items of a list come without it. */
    public void setKind(String kind) {
        this.kind = kind;
    }

    public Sandbox toSandbox() {
        return new Sandbox(
                ApiGroup.API_VERSION,
                Sandbox.KIND,
                meta(getMetadata()),
                Objects.requireNonNullElse(spec, SandboxSpec.EMPTY),
                status);
    }

    static ObjectMeta meta(V1ObjectMeta wire) {
        return new ObjectMeta(
                text(wire.getName()),
                text(wire.getNamespace()),
                text(wire.getUid()),
                text(wire.getResourceVersion()),
                wire.getGeneration() == null ? 0 : wire.getGeneration(),
                wire.getCreationTimestamp(),
                wire.getDeletionTimestamp(),
                Objects.requireNonNullElse(wire.getLabels(), Map.of()),
                Objects.requireNonNullElse(wire.getAnnotations(), Map.of()),
                Objects.requireNonNullElse(wire.getFinalizers(), List.of()),
                wire.getOwnerReferences() == null
                        ? List.of()
                        : wire.getOwnerReferences().stream()
                                .map(o -> new OwnerReference(
                                        o.getApiVersion(),
                                        o.getKind(),
                                        o.getName(),
                                        o.getUid(),
                                        o.getController(),
                                        o.getBlockOwnerDeletion()))
                                .toList());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
