package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1Service;
import java.util.Map;

/**
 * Services and Ingresses by name: the sandbox's own, and those of others that have the name of one of its ports.
 *
 * @param ingresses of others only as far as they are known without asking
 */
public record PortObjects(Map<String, V1Service> services, Map<String, V1Ingress> ingresses) {
    static final PortObjects NONE = new PortObjects(Map.of(), Map.of());

    public PortObjects {
        services = Map.copyOf(services);
        ingresses = Map.copyOf(ingresses);
    }
}
