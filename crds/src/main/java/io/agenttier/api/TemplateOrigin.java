package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A template as it was when the sandbox was resolved.
 *
 * @param kind Kind of the template.
 * @param namespace Namespace of a SandboxTemplate.
 * @param name Name of the template.
 * @param resourceVersion Its resourceVersion when resolved.
 */
public record TemplateOrigin(
        String kind,
        @Nullable String namespace,
        String name,
        @Nullable String resourceVersion) {
    public TemplateOrigin {
        kind = Wire.text(kind);
        name = Wire.text(name);
    }
}
