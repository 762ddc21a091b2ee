package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import io.agenttier.api.Labels;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.Owned;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Secrets of the installation's own namespace, with text as content. */
public final class SecretApi {
    private final Rest rest;
    private final String namespace;

    public SecretApi(Rest rest, String namespace) {
        this.rest = rest;
        this.namespace = namespace;
    }

    /** A Secret as it is stored. */
    public record Stored(String resourceVersion, Map<String, String> data) {
        public Stored {
            data = Map.copyOf(data);
        }

        /** Without the content, which must never reach a log. */
        @Override
        public String toString() {
            return "Stored[" + resourceVersion + "]";
        }
    }

    public Optional<Stored> read(String name) {
        return switch (rest.get(ResourceKind.SECRET.path(namespace, name))) {
            case Answer.Done d -> Optional.of(stored(JSON.getGson().fromJson(d.body(), V1Secret.class)));
            case Answer.Refused r when r.refusal().notFound() -> Optional.empty();
            case Answer.Refused r -> throw new RefusedRead(r.refusal());
        };
    }

    /**
     * @param type for example {@code kubernetes.io/tls}
     * @param purpose value of label {@code secret-purpose}
     * @return false if another one was faster, or the Secret is at another version than {@code before}: read again
     */
    public boolean write(String name, String type, String purpose, Map<String, String> data, Optional<Stored> before) {
        var body = body(name, type, purpose, data);
        var answer = before.map(stored -> {
                    body.getAsJsonObject("metadata").addProperty("resourceVersion", stored.resourceVersion());
                    return rest.apply(
                            Effect.RENEW_CERTIFICATE,
                            ResourceKind.SECRET.path(namespace, name),
                            body,
                            Labels.MANAGER_CONTROLLER);
                })
                .orElseGet(() -> rest.create(
                        Effect.CREATE_CERTIFICATE,
                        ResourceKind.SECRET.path(namespace),
                        name,
                        body,
                        Labels.MANAGER_CONTROLLER));
        return switch (answer) {
            case Answer.Done _ -> true;
            case Answer.Refused r when r.refusal().conflict() || r.refusal().alreadyExists() -> false;
            case Answer.Refused r ->
                throw new IllegalStateException("Secret \"" + name + "\" in namespace \"" + namespace
                        + "\" was not written: " + r.refusal().message());
        };
    }

    private JsonObject body(String name, String type, String purpose, Map<String, String> data) {
        var labels = new JsonObject();
        labels.addProperty(Owned.MANAGED_BY, Owned.MANAGER);
        labels.addProperty(Labels.SECRET_PURPOSE, purpose);
        var metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", namespace);
        metadata.add("labels", labels);
        var content = new JsonObject();
        data.forEach((key, text) ->
                content.addProperty(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        var body = new JsonObject();
        body.addProperty("apiVersion", ResourceKind.SECRET.apiVersion());
        body.addProperty("kind", ResourceKind.SECRET.kind());
        body.add("metadata", metadata);
        body.addProperty("type", type);
        body.add("data", content);
        return body;
    }

    private static Stored stored(V1Secret secret) {
        var data = new HashMap<String, String>();
        if (secret.getData() != null) {
            secret.getData().forEach((key, bytes) -> data.put(key, new String(bytes, StandardCharsets.UTF_8)));
        }
        var metadata = secret.getMetadata();
        var version = metadata == null ? null : metadata.getResourceVersion();
        return new Stored(version == null ? "" : version, data);
    }
}
