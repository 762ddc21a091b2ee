package io.agenttier.apiserver.kube;

import io.agenttier.api.TemplateSpec;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import org.jspecify.annotations.Nullable;

/** A template of either kind as the Kubernetes client sees it, bound by Gson. */
final class TemplateObject implements KubernetesObject {
    private @Nullable String apiVersion;
    private @Nullable String kind;
    private @Nullable V1ObjectMeta metadata;
    private @Nullable TemplateSpec spec;

    @Override
    public @Nullable String getApiVersion() {
        return apiVersion;
    }

    @Override
    public @Nullable String getKind() {
        return kind;
    }

    @Override
    public V1ObjectMeta getMetadata() {
        return metadata == null ? new V1ObjectMeta() : metadata;
    }

    TemplateSpec spec() {
        return spec == null ? TemplateSpec.EMPTY : spec;
    }
}
