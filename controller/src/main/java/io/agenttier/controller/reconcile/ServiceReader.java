package io.agenttier.controller.reconcile;

import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.plan.BackedService;
import io.agenttier.controller.plan.Owned;
import io.agenttier.controller.plan.ServiceName;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1Service;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What is known of the Services that sandboxes name. */
final class ServiceReader {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final Caches caches;
    private final ServiceUses uses;

    ServiceReader(Caches caches, ServiceUses uses) {
        this.caches = caches;
        this.uses = uses;
    }

    /** Those of {@code names} that exist. From here on their changes concern {@code sandbox}. */
    Map<ServiceName, BackedService> read(Key sandbox, Set<ServiceName> names) {
        uses.of(sandbox, names);
        var known = new HashMap<ServiceName, BackedService>();
        for (var name : names) {
            var service = caches.services().get(name.namespace(), name.name());
            if (service != null && service.getMetadata() != null && !Owned.isTerminating(service.getMetadata())) {
                known.put(name, new BackedService(service, slices(name, service)));
            }
        }
        return known;
    }

    /** The name of the Service that an EndpointSlice belongs to; names nothing if it belongs to none. */
    static ServiceName serviceOf(KubernetesObject slice) {
        var metadata = Objects.requireNonNull(slice.getMetadata(), "what a cache holds has a name");
        var labels = metadata.getLabels() == null ? Map.<String, String>of() : metadata.getLabels();
        return new ServiceName(
                Objects.requireNonNullElse(metadata.getNamespace(), ""), labels.getOrDefault(SERVICE_NAME, ""));
    }

    private List<V1EndpointSlice> slices(ServiceName name, V1Service service) {
        return BackedService.selects(service)
                ? List.of()
                : caches.slices().inNamespace(name.namespace()).stream()
                        .filter(slice -> serviceOf(slice).equals(name))
                        .sorted(Comparator.comparing(ServiceReader::name))
                        .toList();
    }

    private static String name(KubernetesObject slice) {
        return slice.getMetadata() == null
                ? ""
                : Objects.requireNonNullElse(slice.getMetadata().getName(), "");
    }
}
