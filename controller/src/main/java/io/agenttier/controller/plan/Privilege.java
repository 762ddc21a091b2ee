package io.agenttier.controller.plan;

import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;

/** A privileged container: only what a ClusterSandboxTemplate says counts, since its author rules the cluster anyway. */
final class Privilege {
    private Privilege() {}

    /** Whether a merged spec asks for it. */
    static boolean wanted(SandboxSpec effective) {
        return effective.security() != null
                && Boolean.TRUE.equals(effective.security().privileged());
    }

    /** Whether a layer that may not say so does. */
    static boolean claimed(TemplateSpec layer) {
        return layer.security() != null && Boolean.TRUE.equals(layer.security().privileged());
    }
}
