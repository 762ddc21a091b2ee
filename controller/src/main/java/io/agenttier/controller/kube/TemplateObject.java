package io.agenttier.controller.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.SandboxTemplate;
import io.agenttier.api.TemplateSpec;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A template of either kind as the Java client wants it; bound by Gson. */
public abstract sealed class TemplateObject implements KubernetesObject {
    private String apiVersion = ApiGroup.API_VERSION;
    private String kind;
    private @Nullable V1ObjectMeta metadata;
    private @Nullable TemplateSpec spec;

    private TemplateObject(String kind) {
        this.kind = kind;
    }

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

    public TemplateSpec spec() {
        return Objects.requireNonNullElse(spec, TemplateSpec.EMPTY);
    }

    /** A SandboxTemplate. */
    public static final class Namespaced extends TemplateObject {
        public Namespaced() {
            super(SandboxTemplate.KIND);
        }
    }

    /** A ClusterSandboxTemplate. */
    public static final class Cluster extends TemplateObject {
        public Cluster() {
            super(ClusterSandboxTemplate.KIND);
        }
    }
}
