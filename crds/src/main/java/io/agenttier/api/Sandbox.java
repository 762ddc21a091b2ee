package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * An isolated place where people and agents run commands, with a volume of its own.
 *
 * @param apiVersion agenttier.io/v1alpha1
 * @param kind Sandbox
 * @param metadata name, labels and so on
 * @param spec what is wanted
 * @param status what the controller knows; absent until it has looked at the sandbox
 */
public record Sandbox(
        String apiVersion,
        String kind,
        ObjectMeta metadata,
        SandboxSpec spec,
        @Nullable SandboxStatus status) {
    public static final String KIND = "Sandbox";
    public static final String PLURAL = "sandboxes";

    public Sandbox {
        apiVersion = Wire.orElse(apiVersion, ApiGroup.API_VERSION);
        kind = Wire.orElse(kind, KIND);
        metadata = Wire.orElse(metadata, ObjectMeta.EMPTY);
        spec = Wire.orElse(spec, SandboxSpec.EMPTY);
    }

    /** A sandbox that was not stored yet. */
    public static Sandbox of(ObjectMeta metadata, SandboxSpec spec) {
        return new Sandbox(ApiGroup.API_VERSION, KIND, metadata, spec, null);
    }

    /** The status, empty where the controller wrote none. */
    public SandboxStatus statusOrEmpty() {
        return status == null ? SandboxStatus.EMPTY : status;
    }
}
