package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * An owner of an object, as metav1.OwnerReference.
 *
 * @param apiVersion group and version of the owner
 * @param kind kind of the owner
 * @param name name of the owner
 * @param uid uid of the owner; the name alone proves nothing
 * @param controller true for the one owner that manages the object
 * @param blockOwnerDeletion true if foreground deletion of the owner waits for the object
 */
public record OwnerReference(
        String apiVersion,
        String kind,
        String name,
        String uid,
        @Nullable Boolean controller,
        @Nullable Boolean blockOwnerDeletion) {
    public OwnerReference {
        apiVersion = Wire.text(apiVersion);
        kind = Wire.text(kind);
        name = Wire.text(name);
        uid = Wire.text(uid);
    }
}
