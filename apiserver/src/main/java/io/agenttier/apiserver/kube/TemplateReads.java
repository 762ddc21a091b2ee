package io.agenttier.apiserver.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.apiserver.admission.Templates;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.KubernetesApiResponse;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesListObject;
import java.io.IOException;
import java.util.Optional;

/** Live reads of templates. */
public final class TemplateReads implements Templates {
    private final GenericKubernetesApi<TemplateObject, DynamicKubernetesListObject> namespaced;
    private final GenericKubernetesApi<TemplateObject, DynamicKubernetesListObject> cluster;

    public TemplateReads(ApiClient client) {
        this.namespaced = api(TemplateKind.NAMESPACED, client);
        this.cluster = api(TemplateKind.CLUSTER, client);
    }

    @Override
    public Optional<TemplateSpec> find(TemplateKind kind, String namespace, String name) throws IOException {
        var answer = read(kind, namespace, name);
        if (answer.getHttpStatusCode() == 404) {
            return Optional.empty();
        }
        if (!answer.isSuccess() || answer.getObject() == null) {
            throw new IOException("kube-apiserver answered %d".formatted(answer.getHttpStatusCode()));
        }
        return Optional.of(answer.getObject().spec());
    }

    private KubernetesApiResponse<TemplateObject> read(TemplateKind kind, String namespace, String name)
            throws IOException {
        try {
            return kind == TemplateKind.CLUSTER ? cluster.get(name) : namespaced.get(namespace, name);
        } catch (IllegalStateException e) {
            // How GenericKubernetesApi reports that no answer came.
            throw new IOException("kube-apiserver cannot be reached", e);
        }
    }

    private static GenericKubernetesApi<TemplateObject, DynamicKubernetesListObject> api(
            TemplateKind kind, ApiClient client) {
        return new GenericKubernetesApi<>(
                TemplateObject.class,
                DynamicKubernetesListObject.class,
                ApiGroup.GROUP,
                ApiGroup.VERSION,
                kind.plural(),
                client);
    }
}
