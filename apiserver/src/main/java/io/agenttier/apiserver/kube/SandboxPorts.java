package io.agenttier.apiserver.kube;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.agenttier.api.ApiGroup;
import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiError.Cause;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.PortSet;
import io.agenttier.apiserver.resource.Ports;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ManagedFieldsEntry;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.KubernetesApiResponse;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.options.PatchOptions;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes declared ports by server-side apply, as a field manager of their own: an apply is the whole set of that manager, at the resourceVersion
 * it was decided on, and leaves the items of others alone.
 */
public final class SandboxPorts implements Ports {
    private final GenericKubernetesApi<SandboxObject, SandboxObjectList> api;
    private final DynamicKubernetesApi documents;

    public SandboxPorts(KubeConnection kube) {
        this.api = SandboxStore.sandboxApi(kube.calls());
        this.documents = new DynamicKubernetesApi(ApiGroup.GROUP, ApiGroup.VERSION, Sandbox.PLURAL, kube.calls());
    }

    @Override
    public Optional<PortSet> live(String namespace, String name) {
        try {
            var found = documents.get(namespace, name);
            return found.getHttpStatusCode() == 404
                    ? Optional.empty()
                    : Optional.of(set(SandboxStore.required(found).getRaw()));
        } catch (IllegalStateException e) {
            throw SandboxStore.unconfirmed();
        }
    }

    @Override
    public boolean apply(PortSet set, List<DeclaredPort> own) {
        var patch = new V1Patch(new String(document(set, own), StandardCharsets.UTF_8));
        var options = new PatchOptions().fieldManager(Labels.MANAGER_PORTS);
        KubernetesApiResponse<SandboxObject> response;
        try {
            response = api.patch(set.namespace(), set.name(), V1Patch.PATCH_FORMAT_APPLY_YAML, patch, options);
        } catch (IllegalStateException e) {
            // How GenericKubernetesApi reports that no answer came.
            throw new ApiException(new ApiError.Unavailable(
                    "kube-apiserver cannot be reached: it is not known whether the ports of sandbox \"%s\" were written"
                            .formatted(set.name())));
        }
        if (response.isSuccess()) {
            return true;
        }
        int status = response.getHttpStatusCode();
        if (status == 404 || status == 409) {
            return false;
        }
        throw new ApiException(error(set, status, response.getStatus()));
    }

    /** @param document the client's own objects leave {@code managedFields} out */
    static PortSet set(JsonObject document) {
        var sandbox = JSON.getGson().fromJson(document, SandboxObject.class);
        var metadata = sandbox.getMetadata();
        var owners = FieldOwners.of(managedFields(document), Labels.MANAGER_PORTS);
        return new PortSet(
                text(metadata.getNamespace()),
                text(metadata.getName()),
                text(metadata.getUid()),
                text(metadata.getResourceVersion()),
                metadata.getDeletionTimestamp() != null,
                sandbox.spec().ports(),
                Set.copyOf(owners.own()),
                owners.others(),
                sandbox.status().forwardedPorts());
    }

    private static List<V1ManagedFieldsEntry> managedFields(JsonObject document) {
        return document.get("metadata") instanceof JsonObject metadata
                        && metadata.get("managedFields") instanceof JsonArray entries
                ? List.of(JSON.getGson().fromJson(entries, V1ManagedFieldsEntry[].class))
                : List.of();
    }

    private static byte[] document(PortSet set, List<DeclaredPort> own) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("namespace", set.namespace());
        metadata.put("name", set.name());
        metadata.put("uid", set.uid());
        metadata.put("resourceVersion", set.resourceVersion());
        var document = new LinkedHashMap<String, Object>();
        document.put("apiVersion", ApiGroup.API_VERSION);
        document.put("kind", Sandbox.KIND);
        document.put("metadata", metadata);
        document.put(
                "spec",
                own.isEmpty()
                        ? Map.of()
                        : Map.of("ports", own.stream().map(SandboxPorts::item).toList()));
        return Json.write(document);
    }

    private static Map<String, Object> item(DeclaredPort port) {
        var item = new LinkedHashMap<String, Object>();
        item.put("port", port.port());
        item.put("protocol", port.protocolOrDefault());
        if (port.name() != null) {
            item.put("name", port.name());
        }
        return item;
    }

    private static ApiError error(PortSet set, int status, @Nullable V1Status said) {
        return switch (status) {
            case 422 -> new ApiError.Invalid(Sandbox.KIND, set.name(), causes(said));
            case 403 ->
                new ApiError.Internal(
                        "the apiserver may not write spec.ports of sandboxes: its role lacks patch on them");
            default ->
                new ApiError.Unavailable(
                        "the ports of sandbox \"%s\" could not be written: kube-apiserver answered %d, try again"
                                .formatted(set.name(), status));
        };
    }

    /** What the schema says against it. */
    private static List<Cause> causes(@Nullable V1Status said) {
        var details = said == null ? null : said.getDetails();
        if (details == null
                || details.getCauses() == null
                || details.getCauses().isEmpty()) {
            return List.of(new Cause(
                    "FieldValueInvalid", "spec", "the sandbox as it is stored is not valid: correct its spec first"));
        }
        return details.getCauses().stream()
                .map(cause -> new Cause(
                        Objects.requireNonNullElse(cause.getReason(), "FieldValueInvalid"),
                        Objects.requireNonNullElse(cause.getField(), "spec"),
                        Objects.requireNonNullElse(cause.getMessage(), "is refused by the schema")))
                .toList();
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
