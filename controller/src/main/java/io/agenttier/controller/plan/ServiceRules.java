package io.agenttier.controller.plan;

import io.agenttier.api.NetworkRule;
import io.agenttier.api.Reasons;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1NetworkPolicyEgressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyIngressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the rules that name Services come to: pods by the Service's selector, or the addresses of its EndpointSlices when it has none, and
 * the ports behind its own ones. A rule that comes to nothing opens nothing and is a problem.
 */
record ServiceRules(
        List<V1NetworkPolicyEgressRule> egress, List<V1NetworkPolicyIngressRule> ingress, Optional<Problem> problem) {
    /** Addresses that one EndpointSlice opens at most. */
    private static final int ADDRESSES_MAX = 1000;

    /** Why {@code NetworkIsolated} does not hold. */
    record Problem(String reason, String message) {}

    ServiceRules {
        egress = List.copyOf(egress);
        ingress = List.copyOf(ingress);
    }

    /**
     * @param home namespace of the sandbox
     * @param closed ranges that no address behind a Service may lie in, outwards
     */
    static ServiceRules of(
            EffectiveSpec effective, String home, Map<ServiceName, BackedService> services, ProtectedRanges closed) {
        var collected = new Collected(home, services, closed, Destinations.of(effective));
        effective.network().egressRules().forEach(collected::egress);
        effective.network().ingressRules().forEach(collected::ingress);
        return new ServiceRules(collected.egress, collected.ingress, collected.problem());
    }

    /** Gathers what becomes of one rule after the other. */
    private static final class Collected {
        private final String home;
        private final Map<ServiceName, BackedService> services;
        private final ProtectedRanges closed;
        private final Destinations destinations;
        private final List<V1NetworkPolicyEgressRule> egress = new ArrayList<>();
        private final List<V1NetworkPolicyIngressRule> ingress = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();

        Collected(
                String home,
                Map<ServiceName, BackedService> services,
                ProtectedRanges closed,
                Destinations destinations) {
            this.home = home;
            this.services = services;
            this.closed = closed;
            this.destinations = destinations;
        }

        Optional<Problem> problem() {
            if (missing.isEmpty() && wrong.isEmpty()) {
                return Optional.empty();
            }
            var reason = missing.isEmpty() ? Reasons.APPLY_FAILED : Reasons.SERVICE_NOT_FOUND;
            return Optional.of(new Problem(
                    reason,
                    String.join(
                            "; ",
                            Stream.concat(missing.stream(), wrong.stream()).toList())));
        }

        void egress(NetworkRule rule) {
            var name = named(rule);
            var service = name == null ? null : usable("network.egressRules", name);
            if (name == null || service == null) {
                return;
            }
            var ports = ServicePorts.of(rule, service);
            if (!ports.unknown().isEmpty()) {
                wrong.add("network.egressRules: %s has no port %s: name one of its ports or none for all"
                        .formatted(name.text(), String.join(", ", ports.unknown())));
            }
            if (service.selector().isEmpty()) {
                service.slices().forEach(slice -> egress(name, slice, ports, isAny(rule)));
            } else if (isAny(rule) || !ports.chosen().isEmpty()) {
                egress.add(new V1NetworkPolicyEgressRule()
                        .addToItem(pods(name, service))
                        .ports(orAll(ports.targets())));
            }
        }

        private void egress(ServiceName name, V1EndpointSlice slice, ServicePorts ports, boolean any) {
            var open = ports(slice, ports);
            var peers = outwards(name, slice);
            if (!peers.isEmpty() && (!open.isEmpty() || (any && ports.chosen().isEmpty()))) {
                egress.add(new V1NetworkPolicyEgressRule().to(peers).ports(orAll(open)));
            }
        }

        void ingress(NetworkRule rule) {
            var name = named(rule);
            var service = name == null ? null : usable("network.ingressRules", name);
            if (name == null || service == null) {
                return;
            }
            var from = service.selector().isEmpty()
                    ? service.slices().stream()
                            .flatMap(slice -> addresses("network.ingressRules", name, slice).stream())
                            .map(Collected::peer)
                            .toList()
                    : List.of(pods(name, service));
            // a rule without peers would let everybody in
            if (!from.isEmpty()) {
                ingress.add(new V1NetworkPolicyIngressRule()
                        .from(from)
                        .ports(rule.ports().isEmpty() ? PolicyPorts.allButDaemon() : PolicyPorts.of(rule.ports())));
            }
        }

        private @Nullable ServiceName named(NetworkRule rule) {
            var service = rule.serviceRef();
            return service == null ? null : new ServiceName(service.namespaceOr(home), service.name());
        }

        private @Nullable BackedService usable(String field, ServiceName name) {
            var service = services.get(name);
            if (service == null) {
                missing.add("%s: %s does not exist: create it or remove the rule".formatted(field, name.text()));
                return null;
            }
            if (service.isAlias()) {
                wrong.add("%s: %s is of type ExternalName, and a NetworkPolicy knows no names: use cidr"
                        .formatted(field, name.text()));
                return null;
            }
            if (service.selector().isEmpty() && service.slices().isEmpty()) {
                wrong.add(
                        "%s: %s has neither a selector nor EndpointSlices, so nothing is known of what it leads to: give it one of them"
                                .formatted(field, name.text()));
                return null;
            }
            return service;
        }

        private static boolean isAny(NetworkRule rule) {
            return rule.ports().isEmpty()
                    && (rule.serviceRef() == null || rule.serviceRef().port() == null);
        }

        /** A list that the API server would leave out means every port. */
        private static @Nullable List<V1NetworkPolicyPort> orAll(List<V1NetworkPolicyPort> ports) {
            return ports.isEmpty() ? null : ports;
        }

        private static V1NetworkPolicyPeer pods(ServiceName name, BackedService service) {
            return new V1NetworkPolicyPeer()
                    .namespaceSelector(new V1LabelSelector()
                            .putMatchLabelsItem(DesiredNetworkPolicy.NAMESPACE_NAME, name.namespace()))
                    .podSelector(new V1LabelSelector().matchLabels(new TreeMap<>(service.selector())));
        }

        private static List<V1NetworkPolicyPort> ports(V1EndpointSlice slice, ServicePorts ports) {
            return slice.getPorts() == null
                    ? List.of()
                    : slice.getPorts().stream()
                            .filter(port -> port.getPort() != null && ports.leadTo(port.getName(), port.getProtocol()))
                            .map(port -> PolicyPorts.port(ServicePorts.protocol(port.getProtocol()), port.getPort()))
                            .distinct()
                            .toList();
        }

        /** What may be opened of them. */
        private List<V1NetworkPolicyPeer> outwards(ServiceName name, V1EndpointSlice slice) {
            var found = addresses("network.egressRules", name, slice);
            var guarded = closed.violations(found.stream().map(Cidr::text).toList());
            guarded.forEach(sentence -> wrong.add("network.egressRules: %s: %s".formatted(name.text(), sentence)));
            return guarded.isEmpty()
                    ? found.stream()
                            .filter(address -> !destinations.deny(address))
                            .map(Collected::peer)
                            .toList()
                    : List.of();
        }

        private List<Cidr> addresses(String field, ServiceName name, V1EndpointSlice slice) {
            var found = slice.getEndpoints() == null
                    ? List.<Cidr>of()
                    : slice.getEndpoints().stream()
                            .flatMap(endpoint -> Stream.ofNullable(endpoint.getAddresses()))
                            .flatMap(List::stream)
                            .flatMap(text -> Cidr.parseRangeOrAddress(text).stream())
                            .distinct()
                            .sorted((a, b) -> a.text().compareTo(b.text()))
                            .toList();
            if (found.size() <= ADDRESSES_MAX) {
                return found;
            }
            wrong.add("%s: %s has more than %d addresses in one EndpointSlice: name their range by cidr"
                    .formatted(field, name.text(), ADDRESSES_MAX));
            return List.of();
        }

        private static V1NetworkPolicyPeer peer(Cidr address) {
            return new V1NetworkPolicyPeer().ipBlock(AddressBlocks.of(address.text(), List.of()));
        }
    }
}
