package io.agenttier.api;

import java.util.Map;

/**
 * Compute resources of a container, by resource name (cpu, memory, ephemeral-storage, extended resources).
 *
 * @param limits Most that the container may use, by resource name.
 * @param requests What the container is guaranteed, by resource name; never more than its limit.
 */
public record ResourceRequirements(Map<String, String> limits, Map<String, String> requests) {
    public ResourceRequirements {
        limits = Wire.map(limits);
        requests = Wire.map(requests);
    }
}
