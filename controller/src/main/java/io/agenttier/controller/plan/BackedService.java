package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1Service;
import java.util.List;
import java.util.Map;

/**
 * A Service and what stands behind it.
 *
 * @param slices its EndpointSlices if it selects no pods; those of others are not looked at
 */
public record BackedService(V1Service service, List<V1EndpointSlice> slices) {
    public BackedService {
        slices = List.copyOf(slices);
    }

    /** Whether {@code service} says by labels which pods it means. */
    public static boolean selects(V1Service service) {
        return !selector(service).isEmpty();
    }

    Map<String, String> selector() {
        return selector(service);
    }

    /** Whether it is only another name, which a NetworkPolicy cannot hold traffic to. */
    boolean isAlias() {
        return service.getSpec() == null
                || "ExternalName".equals(service.getSpec().getType());
    }

    private static Map<String, String> selector(V1Service service) {
        return service.getSpec() == null || service.getSpec().getSelector() == null
                ? Map.of()
                : service.getSpec().getSelector();
    }
}
