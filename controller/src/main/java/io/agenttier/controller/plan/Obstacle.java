package io.agenttier.controller.plan;

import io.agenttier.api.Labels;

/**
 * An object of a sandbox that could not be created.
 *
 * @param foreign true if an object of another living owner has its name
 * @param message what the API server said, or whose object is in the way
 */
public record Obstacle(ResourceKind kind, String name, boolean foreign, String message) {
    public static Obstacle foreign(ResourceKind kind, String name) {
        return new Obstacle(
                kind,
                name,
                true,
                kind.kind() + " \"" + name + "\" exists and does not belong to this sandbox: rename or delete it");
    }

    /** A pod that would take something from a Secret that no pod of a sandbox may take anything from. */
    public static Obstacle guarded(String pod, String secret) {
        return new Obstacle(
                ResourceKind.POD,
                pod,
                false,
                "Secret \"" + secret + "\" has label " + Labels.SECRET_PURPOSE
                        + " and can never be used by a sandbox: remove what names it");
    }

    /** A pod that would wait for an object that does not exist. */
    public static Obstacle missing(String pod, ResourceKind kind, String name) {
        return new Obstacle(
                ResourceKind.POD,
                pod,
                false,
                kind.kind() + " \"" + name + "\" does not exist: create it or remove what names it");
    }

    public static Obstacle refused(ResourceKind kind, String name, Refusal refusal) {
        return new Obstacle(kind, name, false, kind.kind() + " \"" + name + "\" was refused: " + refusal.message());
    }
}
