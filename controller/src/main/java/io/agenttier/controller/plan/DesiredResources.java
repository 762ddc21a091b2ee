package io.agenttier.controller.plan;

import io.agenttier.api.ResourceRequirements;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import java.util.TreeMap;

/** Compute resources of a container. */
final class DesiredResources {
    private DesiredResources() {}

    static V1ResourceRequirements of(ResourceRequirements asked) {
        var wire = new V1ResourceRequirements();
        new TreeMap<>(asked.limits()).forEach((name, value) -> wire.putLimitsItem(name, new Quantity(value)));
        new TreeMap<>(asked.requests()).forEach((name, value) -> wire.putRequestsItem(name, new Quantity(value)));
        return wire;
    }
}
