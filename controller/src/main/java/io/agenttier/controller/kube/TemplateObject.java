package io.agenttier.controller.kube;

import com.google.gson.JsonElement;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.SandboxTemplate;
import io.agenttier.api.TemplateSpec;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A template of either kind as the Java client wants it; bound by Gson. */
public abstract sealed class TemplateObject implements KubernetesObject {
    private static final Logger LOG = LoggerFactory.getLogger(TemplateObject.class);

    private String apiVersion = ApiGroup.API_VERSION;
    private String kind;
    private @Nullable V1ObjectMeta metadata;
    private @Nullable JsonElement spec;
    private transient @Nullable Stored<TemplateSpec> bound;

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

    /** Empty if it cannot be read: a template of which a part is missing would make sandboxes that it does not allow. */
    public synchronized Optional<TemplateSpec> spec() {
        if (bound == null) {
            bound = Stored.bind(spec, TemplateSpec.class);
            spec = null;
            if (!bound.unreadable().isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("kind", kind)
                        .addKeyValue("namespace", getMetadata().getNamespace())
                        .addKeyValue("name", getMetadata().getName())
                        .addKeyValue("spec", bound.unreadable())
                        .log("a template cannot be read as it is stored");
            }
        }
        return bound.unreadable().isEmpty()
                ? Optional.of(Objects.requireNonNullElse(bound.value(), TemplateSpec.EMPTY))
                : Optional.empty();
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
