package io.agenttier.apiserver.kube;

import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.openapi.models.V1ListMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list of Sandboxes, bound by Gson. */
final class SandboxObjectList implements KubernetesListObject {
    private @Nullable String apiVersion;
    private @Nullable String kind;
    private @Nullable V1ListMeta metadata;
    private @Nullable List<SandboxObject> items;

    @Override
    public @Nullable String getApiVersion() {
        return apiVersion;
    }

    @Override
    public @Nullable String getKind() {
        return kind;
    }

    @Override
    public V1ListMeta getMetadata() {
        return metadata == null ? new V1ListMeta() : metadata;
    }

    @Override
    public List<SandboxObject> getItems() {
        return items == null ? List.of() : items;
    }
}
