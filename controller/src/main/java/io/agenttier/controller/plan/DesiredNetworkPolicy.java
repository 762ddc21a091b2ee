package io.agenttier.controller.plan;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.LabelSelector;
import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyEgressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyIngressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import io.kubernetes.client.openapi.models.V1NetworkPolicySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The allowances of one sandbox. What no rule here names stays closed by {@link DefaultDeny}. */
final class DesiredNetworkPolicy {
    static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";
    private static final String COMPONENT = "app.kubernetes.io/component";

    private DesiredNetworkPolicy() {}

    /** @param kept see {@link KeptNetwork#text} */
    static V1NetworkPolicy of(
            Sandbox sandbox,
            EffectiveSpec effective,
            ServiceRules services,
            Optional<String> kept,
            ClusterSettings settings) {
        var name = sandbox.metadata().name();
        var spec = new V1NetworkPolicySpec()
                .podSelector(new V1LabelSelector().putMatchLabelsItem(Labels.SANDBOX, name))
                .policyTypes(List.of("Ingress", "Egress"))
                .ingress(ingress(effective, services, settings))
                .egress(egress(effective, services, settings));
        var metadata = Owned.metadata(sandbox, Names.netpolName(name));
        kept.ifPresent(text -> metadata.putAnnotationsItem(KeptNetwork.ANNOTATION, text));
        return new V1NetworkPolicy()
                .apiVersion(ResourceKind.NETWORK_POLICY.apiVersion())
                .kind(ResourceKind.NETWORK_POLICY.kind())
                .metadata(metadata)
                .spec(spec);
    }

    /** Whether {@code present} allows exactly what {@code wanted} does, and keeps what it does of its templates. The API server leaves out empty lists. */
    static boolean says(V1NetworkPolicy present, V1NetworkPolicy wanted) {
        var is = present.getSpec();
        var should = wanted.getSpec();
        return is != null
                && should != null
                && Objects.equals(is.getPodSelector(), should.getPodSelector())
                && Objects.equals(is.getPolicyTypes(), should.getPolicyTypes())
                && orEmpty(is.getIngress()).equals(orEmpty(should.getIngress()))
                && orEmpty(is.getEgress()).equals(orEmpty(should.getEgress()))
                && annotation(present, KeptNetwork.ANNOTATION).equals(annotation(wanted, KeptNetwork.ANNOTATION));
    }

    /** Empty where there is none. */
    static String annotation(@Nullable V1NetworkPolicy policy, String key) {
        var metadata = policy == null ? null : policy.getMetadata();
        return metadata == null || metadata.getAnnotations() == null
                ? ""
                : metadata.getAnnotations().getOrDefault(key, "");
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static List<V1NetworkPolicyIngressRule> ingress(
            EffectiveSpec effective, ServiceRules services, ClusterSettings settings) {
        var rules = new ArrayList<V1NetworkPolicyIngressRule>();
        rules.add(new V1NetworkPolicyIngressRule()
                .addFromItem(new V1NetworkPolicyPeer()
                        .namespaceSelector(
                                new V1LabelSelector().putMatchLabelsItem(NAMESPACE_NAME, settings.namespace()))
                        .podSelector(new V1LabelSelector()
                                .addMatchExpressionsItem(new V1LabelSelectorRequirement()
                                        .key(COMPONENT)
                                        .operator("In")
                                        .values(List.of("apiserver", "controller")))))
                .addPortsItem(PolicyPorts.tcp(PodLayout.PORT)));
        if (effective.allowPeerSandboxes()) {
            rules.add(new V1NetworkPolicyIngressRule()
                    .addFromItem(peers(effective))
                    .ports(PolicyPorts.allButDaemon()));
        }
        for (var rule : effective.network().ingressRules()) {
            if (rule.cidr() != null) {
                rules.add(new V1NetworkPolicyIngressRule()
                        .addFromItem(new V1NetworkPolicyPeer().ipBlock(AddressBlocks.of(rule.cidr(), List.of())))
                        .ports(rule.ports().isEmpty() ? PolicyPorts.allButDaemon() : PolicyPorts.of(rule.ports())));
            }
        }
        rules.addAll(services.ingress());
        previews(effective, settings).ifPresent(rules::add);
        return rules;
    }

    /** Declared http ports, for whom the administrator named. */
    private static Optional<V1NetworkPolicyIngressRule> previews(EffectiveSpec effective, ClusterSettings settings) {
        var from = settings.previews() == null
                ? List.<V1NetworkPolicyPeer>of()
                : settings.previews().from().wire();
        var ports = effective.spec().ports().stream()
                .filter(DeclaredPort::speaksHttp)
                .map(port -> PolicyPorts.tcp(port.port()))
                .toList();
        // a rule without peers or ports would allow every one
        return from.isEmpty() || ports.isEmpty()
                ? Optional.empty()
                : Optional.of(new V1NetworkPolicyIngressRule().from(from).ports(ports));
    }

    private static List<V1NetworkPolicyEgressRule> egress(
            EffectiveSpec effective, ServiceRules services, ClusterSettings settings) {
        var rules = new ArrayList<V1NetworkPolicyEgressRule>();
        dns(settings.dns()).ifPresent(rules::add);
        var destinations = Destinations.of(effective);
        if (effective.allowInternet()) {
            var internet = AddressBlocks.internet(settings.protectedCidrs(), destinations);
            if (!internet.isEmpty()) {
                rules.add(new V1NetworkPolicyEgressRule().to(internet));
            }
        }
        for (var rule : destinations.rules()) {
            var range = rule.cidr() == null ? null : Cidr.parse(rule.cidr()).orElse(null);
            if (rule.cidr() != null && range != null && !destinations.deny(range)) {
                var cut = new ArrayList<>(
                        ProtectedRanges.with(settings.protectedCidrs()).within(range));
                cut.addAll(destinations.cutOutOf(range));
                var allowed = new V1NetworkPolicyEgressRule()
                        .addToItem(new V1NetworkPolicyPeer().ipBlock(AddressBlocks.of(rule.cidr(), cut)));
                rules.add(rule.ports().isEmpty() ? allowed : allowed.ports(PolicyPorts.of(rule.ports())));
            }
        }
        rules.addAll(services.egress());
        if (effective.allowPeerSandboxes()) {
            rules.add(new V1NetworkPolicyEgressRule().addToItem(peers(effective)));
        }
        return rules;
    }

    private static Optional<V1NetworkPolicyEgressRule> dns(DnsRule dns) {
        var rule = new V1NetworkPolicyEgressRule()
                .addPortsItem(PolicyPorts.port("UDP", 53))
                .addPortsItem(PolicyPorts.port("TCP", 53));
        return switch (dns) {
            case DnsRule.Any _ -> Optional.of(rule);
            case DnsRule.Cluster cluster -> {
                var to = cluster.servers().wire();
                // a rule without peers would allow every destination
                yield to.isEmpty() ? Optional.empty() : Optional.of(rule.to(to));
            }
        };
    }

    /** Peers are sandboxes, whatever else the selector would select. */
    private static V1NetworkPolicyPeer peers(EffectiveSpec effective) {
        var wire = new V1LabelSelector().putMatchLabelsItem(Labels.MANAGED, Labels.TRUE);
        LabelSelector asked = effective.network().peerSandboxSelector();
        if (asked != null) {
            asked.matchLabels().forEach((key, value) -> {
                if (!key.equals(Labels.MANAGED)) {
                    wire.putMatchLabelsItem(key, value);
                }
            });
            for (var requirement : asked.matchExpressions()) {
                wire.addMatchExpressionsItem(new V1LabelSelectorRequirement()
                        .key(requirement.key())
                        .operator(requirement.operator())
                        .values(requirement.values().isEmpty() ? null : requirement.values()));
            }
        }
        return new V1NetworkPolicyPeer().podSelector(wire);
    }
}
