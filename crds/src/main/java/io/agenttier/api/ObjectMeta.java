package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of metav1.ObjectMeta that AgentTier uses. Texts are empty when absent, as in Go.
 *
 * @param name name of the object
 * @param namespace its namespace; empty for cluster-scoped kinds
 * @param uid identity of this very object, never used again
 * @param resourceVersion opaque version, for optimistic concurrency only
 * @param generation counts changes of the spec; 0 before the object was stored
 * @param creationTimestamp when the object was stored
 * @param deletionTimestamp when its deletion was asked for
 */
public record ObjectMeta(
        String name,
        String namespace,
        String uid,
        String resourceVersion,
        long generation,
        @Nullable OffsetDateTime creationTimestamp,
        @Nullable OffsetDateTime deletionTimestamp,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<String> finalizers,
        List<OwnerReference> ownerReferences) {
    /** Metadata that says nothing. */
    public static final ObjectMeta EMPTY = named("", "");

    public ObjectMeta {
        name = Wire.text(name);
        namespace = Wire.text(namespace);
        uid = Wire.text(uid);
        resourceVersion = Wire.text(resourceVersion);
        labels = Wire.map(labels);
        annotations = Wire.map(annotations);
        finalizers = Wire.list(finalizers);
        ownerReferences = Wire.list(ownerReferences);
    }

    /** Metadata of an object that was not stored yet. */
    public static ObjectMeta named(String namespace, String name) {
        return new ObjectMeta(name, namespace, "", "", 0, null, null, Map.of(), Map.of(), List.of(), List.of());
    }

    /** Whether deletion was asked for; the object stays until its finalizers are gone. */
    public boolean beingDeleted() {
        return deletionTimestamp != null;
    }
}
