package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A resource of a container as value of an environment variable.
 *
 * @param containerName Container whose resource is meant; the present one when absent.
 * @param resource Resource, such as limits.cpu or requests.memory.
 * @param divisor Unit of the value, such as 1m or 1Mi; 1 when absent.
 */
public record ResourceFieldSelector(
        @Nullable String containerName,
        String resource,
        @Nullable String divisor) {
    public ResourceFieldSelector {
        resource = Wire.text(resource);
    }
}
