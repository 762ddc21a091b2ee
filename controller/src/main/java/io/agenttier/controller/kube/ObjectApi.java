package io.agenttier.controller.kube;

import com.google.gson.JsonObject;
import io.agenttier.api.Labels;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.plan.Refusal;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads and writes of the objects that are made for sandboxes, with preconditions. */
public final class ObjectApi {
    private static final String MANAGER = Labels.MANAGER_CONTROLLER;

    private final Rest rest;

    public ObjectApi(Rest rest) {
        this.rest = rest;
    }

    /** Outcome of a create. */
    public sealed interface Created {
        /** @param object as the server stored it */
        record Done(KubernetesObject object) implements Created {}

        record Refused(Refusal refusal) implements Created {}
    }

    public Created create(ResourceKind kind, String namespace, KubernetesObject object) {
        return switch (rest.create(creating(kind), kind.path(namespace), name(object), object, MANAGER)) {
            case Answer.Done d -> new Created.Done(JSON.getGson().fromJson(d.body(), object.getClass()));
            case Answer.Refused r -> new Created.Refused(r.refusal());
        };
    }

    /**
     * Brings an existing object to what it has to be, if it is still at {@code resourceVersion}. Of a policy this program's fields are applied; a
     * Service or Ingress is replaced as a whole, since apply leaves the ports and backends that others added to their lists.
     *
     * @return the refusal, if any
     */
    public Optional<Refusal> repair(
            ResourceKind kind, String namespace, KubernetesObject object, String resourceVersion) {
        var body = JSON.getGson().toJsonTree(object).getAsJsonObject();
        body.getAsJsonObject("metadata").addProperty("resourceVersion", resourceVersion);
        var path = kind.path(namespace, name(object));
        return refusal(
                switch (kind) {
                    case NETWORK_POLICY -> rest.apply(Effect.REPAIR_NETWORK_POLICY, path, body, MANAGER);
                    case SERVICE -> rest.replace(Effect.CORRECT_SERVICE, path, body, MANAGER);
                    case INGRESS -> rest.replace(Effect.CORRECT_INGRESS, path, body, MANAGER);
                    case POD, SECRET, CONFIG_MAP, SERVICE_ACCOUNT, VOLUME_CLAIM, SANDBOX ->
                        throw new IllegalArgumentException("nobody here repairs a " + kind.kind());
                });
    }

    /** Lets a volume claim grow. */
    public Optional<Refusal> growClaim(String namespace, String name, String resourceVersion, String size) {
        var requests = new JsonObject();
        requests.addProperty("storage", size);
        var resources = new JsonObject();
        resources.add("requests", requests);
        var spec = new JsonObject();
        spec.add("resources", resources);
        var metadata = new JsonObject();
        metadata.addProperty("resourceVersion", resourceVersion);
        var body = new JsonObject();
        body.add("metadata", metadata);
        body.add("spec", spec);
        return refusal(rest.mergePatch(
                Effect.GROW_VOLUME_CLAIM, ResourceKind.VOLUME_CLAIM.path(namespace, name), body, MANAGER));
    }

    public Optional<Refusal> delete(ResourceKind kind, String namespace, String name, String uid) {
        return refusal(rest.delete(deleting(kind), kind.path(namespace, name), uid));
    }

    /** Deletes a pod whose node does not answer, without waiting for it. */
    public Optional<Refusal> deletePodNow(String namespace, String name, String uid) {
        return refusal(rest.deleteNow(Effect.DELETE_POD_NOW, ResourceKind.POD.path(namespace, name), uid));
    }

    /** Metadata of an object as the server has it now; null if there is none. */
    public @Nullable V1ObjectMeta metadata(ResourceKind kind, String namespace, String name) {
        var body = bodyOrNull(rest.getMetadata(kind.path(namespace, name)));
        return body == null
                ? null
                : JSON.getGson().fromJson(body, PartialObject.class).metadata();
    }

    /** An object as the server has it now; null if there is none. */
    public <T extends KubernetesObject> @Nullable T get(
            ResourceKind kind, String namespace, String name, Class<T> type) {
        var body = bodyOrNull(rest.get(kind.path(namespace, name)));
        return body == null ? null : JSON.getGson().fromJson(body, type);
    }

    public @Nullable V1Pod pod(String namespace, String name) {
        return get(ResourceKind.POD, namespace, name, V1Pod.class);
    }

    public @Nullable V1ServiceAccount serviceAccount(String namespace, String name) {
        return get(ResourceKind.SERVICE_ACCOUNT, namespace, name, V1ServiceAccount.class);
    }

    public boolean runtimeClassExists(String name) {
        return bodyOrNull(rest.get("/apis/node.k8s.io/v1/runtimeclasses/" + ResourceKind.segment(name))) != null;
    }

    /** Whether any object of the kind is in the namespace, by a live read. */
    public boolean any(ResourceKind kind, String namespace, String labelSelector) {
        var body = bodyOrNull(rest.list(kind.path(namespace), labelSelector, 1));
        return body != null
                && !JSON.getGson()
                        .fromJson(body, JsonObject.class)
                        .getAsJsonArray("items")
                        .isEmpty();
    }

    private record PartialObject(V1ObjectMeta metadata) {}

    private static @Nullable String bodyOrNull(Answer answer) {
        return switch (answer) {
            case Answer.Done d -> d.body();
            case Answer.Refused r when r.refusal().notFound() -> null;
            case Answer.Refused r -> throw new RefusedRead(r.refusal());
        };
    }

    private static Effect creating(ResourceKind kind) {
        return switch (kind) {
            case SERVICE_ACCOUNT -> Effect.CREATE_SERVICE_ACCOUNT;
            case VOLUME_CLAIM -> Effect.CREATE_VOLUME_CLAIM;
            case NETWORK_POLICY -> Effect.CREATE_NETWORK_POLICY;
            case SECRET -> Effect.CREATE_SECRET;
            case POD -> Effect.CREATE_POD;
            case SERVICE -> Effect.CREATE_SERVICE;
            case INGRESS -> Effect.CREATE_INGRESS;
            case CONFIG_MAP, SANDBOX -> throw new IllegalArgumentException("nobody here creates a " + kind.kind());
        };
    }

    private static Effect deleting(ResourceKind kind) {
        return switch (kind) {
            case NETWORK_POLICY -> Effect.DELETE_NETWORK_POLICY;
            case SECRET -> Effect.DELETE_SECRET;
            case POD -> Effect.DELETE_POD;
            case SERVICE -> Effect.DELETE_SERVICE;
            case INGRESS -> Effect.DELETE_INGRESS;
            case SERVICE_ACCOUNT, VOLUME_CLAIM, CONFIG_MAP, SANDBOX ->
                throw new IllegalArgumentException("nobody here deletes a " + kind.kind());
        };
    }

    private static Optional<Refusal> refusal(Answer answer) {
        return answer instanceof Answer.Refused r ? Optional.of(r.refusal()) : Optional.empty();
    }

    private static String name(KubernetesObject object) {
        var name = object.getMetadata().getName();
        return name == null ? "" : name;
    }
}
