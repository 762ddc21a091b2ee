package io.agenttier.controller.kube;

import com.google.gson.JsonElement;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Sandbox as the Java client wants it; bound by Gson. */
public final class SandboxObject implements KubernetesObject {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxObject.class);

    private String apiVersion = ApiGroup.API_VERSION;
    private String kind = Sandbox.KIND;
    private @Nullable V1ObjectMeta metadata;
    private @Nullable JsonElement spec;
    private @Nullable JsonElement status;
    private transient @Nullable Sandbox sandbox;
    private transient String unreadable = "";

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

    /** @throws UnreadableSpec if nothing may be made of what is stored */
    public Sandbox toSandbox() {
        var bound = bound();
        if (!unreadable.isEmpty()) {
            throw new UnreadableSpec(bound, unreadable);
        }
        return bound;
    }

    /** What can be read of it; the rest is as if it had never been written. */
    public SandboxStatus status() {
        return bound().statusOrEmpty();
    }

    private synchronized Sandbox bound() {
        if (sandbox != null) {
            return sandbox;
        }
        var storedSpec = Stored.bind(spec, SandboxSpec.class);
        var storedStatus = Stored.bind(status, SandboxStatus.class);
        var isWhole = storedSpec.unreadable().isEmpty();
        var bound = new Sandbox(
                ApiGroup.API_VERSION,
                Sandbox.KIND,
                meta(getMetadata()),
                isWhole ? Objects.requireNonNullElse(storedSpec.value(), SandboxSpec.EMPTY) : SandboxSpec.EMPTY,
                storedStatus.value());
        unreadable = String.join("; ", storedSpec.unreadable());
        if (!isWhole || !storedStatus.unreadable().isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("namespace", bound.metadata().namespace())
                    .addKeyValue("name", bound.metadata().name())
                    .addKeyValue("spec", storedSpec.unreadable())
                    .addKeyValue("status", storedStatus.unreadable())
                    .log("a sandbox cannot be read as it is stored");
        }
        spec = null;
        status = null;
        sandbox = bound;
        return bound;
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
