package io.agenttier.apiserver.kube;

import com.google.gson.annotations.JsonAdapter;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Sandbox as the Kubernetes client sees it: metadata, status, and what is needed of its spec. */
final class SandboxObject implements KubernetesObject {
    private @Nullable String apiVersion = ApiGroup.API_VERSION;
    private @Nullable String kind = Sandbox.KIND;
    private @Nullable V1ObjectMeta metadata;

    @JsonAdapter(Tolerant.class)
    private @Nullable Spec spec;

    @JsonAdapter(Tolerant.class)
    private @Nullable SandboxStatus status;

    /** The part of its spec that is read here. */
    record Spec(
            @Nullable Boolean autoResume,
            @Nullable String idleTimeout,
            @Nullable String powerState,
            @Nullable OffsetDateTime startRequestedAt,
            List<DeclaredPort> ports) {
        static final Spec EMPTY = new Spec(null, null, null, null, List.of());

        Spec {
            ports = ports == null ? List.of() : List.copyOf(ports);
        }
    }

    /** For Gson. */
    SandboxObject() {}

    SandboxObject(V1ObjectMeta metadata, Spec spec, @Nullable SandboxStatus status) {
        this.metadata = metadata;
        this.spec = spec;
        this.status = status;
    }

    @Override
    public @Nullable String getApiVersion() {
        return apiVersion;
    }

    /** Lists do not carry it in their items; the informer fills it in. */
    public void setApiVersion(String apiVersion) {
        this.apiVersion = apiVersion;
    }

    @Override
    public @Nullable String getKind() {
        return kind;
    }

    /** As {@link #setApiVersion}. */
    public void setKind(String kind) {
        this.kind = kind;
    }

    @Override
    public V1ObjectMeta getMetadata() {
        return metadata == null ? new V1ObjectMeta() : metadata;
    }

    Spec spec() {
        return spec == null ? Spec.EMPTY : spec;
    }

    SandboxStatus status() {
        return status == null ? SandboxStatus.EMPTY : status;
    }
}
