package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A Service as the other side of a network rule. The rule follows changes of the Service.
 *
 * @param name Name of the Service.
 * @param namespace Namespace of the Service; the own one when absent.
 * @param port Port of the Service; all of its ports when absent.
 */
public record ServiceRef(
        String name, @Nullable String namespace, @Nullable Integer port) {
    public ServiceRef {
        name = Wire.text(name);
    }

    /** Where the Service is, for a sandbox of namespace {@code home}. */
    public String namespaceOr(String home) {
        return namespace == null || namespace.isEmpty() ? home : namespace;
    }
}
