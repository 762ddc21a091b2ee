package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * Names the template that a sandbox starts from.
 *
 * @param name Name of the template.
 * @param kind Kind of the template.
 * @param namespace Namespace of a SandboxTemplate; the own one when absent. Another namespace needs the right to
 *     get sandboxtemplates there.
 */
public record TemplateRef(
        String name, @Nullable String kind, @Nullable String namespace) {
    public TemplateRef {
        name = Wire.text(name);
    }

    /** The kind of the template, also where the default of the schema was not applied. */
    public TemplateKind templateKind() {
        return TemplateKind.CLUSTER.wire().equals(kind) ? TemplateKind.CLUSTER : TemplateKind.NAMESPACED;
    }
}
