package io.agenttier.controller.plan;

import io.agenttier.api.Constraints;
import io.agenttier.api.Network;
import io.agenttier.api.NetworkRule;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.network.Cidr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a sandbox may go by addresses: its egress rules and the destinations that its constraints allow, without those that they deny. A
 * destination of the constraints is a range or a single address; a NetworkPolicy knows no names.
 *
 * @param denied ranges that are cut out of every rule
 */
record Destinations(List<NetworkRule> rules, List<Cidr> denied) {
    Destinations {
        rules = List.copyOf(rules);
        denied = List.copyOf(denied);
    }

    static Destinations of(EffectiveSpec effective) {
        var rules = new ArrayList<>(effective.network().egressRules());
        var constraints = constraints(effective.spec());
        if (constraints == null) {
            return new Destinations(rules, List.of());
        }
        for (var allowed : constraints.allowedNetworkDests()) {
            Cidr.parseRangeOrAddress(allowed)
                    .ifPresent(cidr -> rules.add(new NetworkRule(cidr.text(), null, List.of())));
        }
        return new Destinations(
                rules,
                constraints.deniedNetworkDests().stream()
                        .flatMap(text -> Cidr.parseRangeOrAddress(text).stream())
                        .toList());
    }

    /** {@code network} with these rules. */
    Network in(Network network) {
        return new Network(
                network.allowInternet(),
                rules,
                network.ingressRules(),
                network.allowedDomains(),
                network.allowPeerSandboxes(),
                network.peerSandboxSelector());
    }

    /** Whether whatever is opened stands in ClusterSandboxTemplates, which alone may open protected ranges. */
    static boolean openedByClusterOnly(Sandbox sandbox, TemplateChain templates) {
        return !opens(sandbox.spec().layer()) && openedByClusterOnly(templates);
    }

    /** The same of the templates alone. */
    static boolean openedByClusterOnly(TemplateChain templates) {
        return templates.links().stream()
                .filter(link -> link.name().kind() != TemplateKind.CLUSTER)
                .noneMatch(link -> opens(link.spec()));
    }

    /** Whether a layer opens anything by itself. */
    static boolean opens(TemplateSpec spec) {
        var constraints = spec.harness() == null ? null : spec.harness().constraints();
        return (spec.network() != null && !spec.network().egressRules().isEmpty())
                || (constraints != null && !constraints.allowedNetworkDests().isEmpty());
    }

    /** Sentences on destinations that a NetworkPolicy cannot be made of; none if all is well. */
    static List<String> problems(SandboxSpec spec) {
        var constraints = constraints(spec);
        var problems = new ArrayList<String>();
        if (constraints != null) {
            problems("allowedNetworkDests", constraints.allowedNetworkDests(), problems);
            problems("deniedNetworkDests", constraints.deniedNetworkDests(), problems);
        }
        return problems;
    }

    /** Whether nothing of {@code range} is left. */
    boolean deny(Cidr range) {
        return denied.stream().anyMatch(d -> d.contains(range));
    }

    /** What is cut out of {@code range}, which is not denied as a whole. */
    List<Cidr> cutOutOf(Cidr range) {
        return denied.stream().filter(range::contains).toList();
    }

    private static void problems(String field, List<String> destinations, List<String> problems) {
        for (var text : destinations) {
            if (Cidr.parseRangeOrAddress(text).isEmpty()) {
                problems.add("harness.constraints." + field + ": \"" + text
                        + "\" is neither an address nor a range of addresses, expected for example 203.0.113.0/24:"
                        + " a NetworkPolicy knows no names");
            }
        }
    }

    private static @Nullable Constraints constraints(SandboxSpec spec) {
        return spec.harness() == null ? null : spec.harness().constraints();
    }
}
