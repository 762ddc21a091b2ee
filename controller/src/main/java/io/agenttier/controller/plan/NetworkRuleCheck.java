package io.agenttier.controller.plan;

import io.agenttier.api.Network;
import io.agenttier.api.NetworkPort;
import io.agenttier.api.NetworkRule;
import java.util.ArrayList;
import java.util.List;

/** Rules that a NetworkPolicy must not be made of: one is enough for the sandbox not to start. */
final class NetworkRuleCheck {
    private static final List<Cidr> LINK_LOCAL = List.of(Cidr.of("169.254.0.0/16"), Cidr.of("fe80::/10"));

    private NetworkRuleCheck() {}

    /**
     * Sentences on what is wrong, none if all is well.
     *
     * @param privileged whether the egress rules are those of a ClusterSandboxTemplate, which alone may open protected ranges
     */
    static List<String> problems(Network network, boolean privileged, List<Cidr> protectedCidrs) {
        var problems = new ArrayList<String>();
        for (var rule : network.egressRules()) {
            checkCidr("network.egressRules", rule, problems);
            if (!privileged) {
                checkProtected(rule, protectedCidrs, problems);
            }
        }
        for (var rule : network.ingressRules()) {
            checkCidr("network.ingressRules", rule, problems);
            if (rule.ports().stream().anyMatch(NetworkRuleCheck::isDaemonPort)) {
                problems.add("network.ingressRules: TCP port " + PodLayout.PORT
                        + " is the daemon's own and is open to AgentTier only: remove it from the rule");
            }
        }
        return problems;
    }

    /** What is cut out of a range that is wider than a protected one. */
    static List<Cidr> protectedWithin(Cidr range, List<Cidr> protectedCidrs) {
        return protectedRanges(protectedCidrs).stream()
                .filter(p -> range.contains(p) && !p.contains(range))
                .toList();
    }

    private static void checkCidr(String field, NetworkRule rule, List<String> problems) {
        if (rule.cidr() != null && Cidr.parse(rule.cidr()).isEmpty()) {
            problems.add(
                    field + ": \"" + rule.cidr() + "\" is no range of addresses, expected for example 203.0.113.0/24");
        }
    }

    private static void checkProtected(NetworkRule rule, List<Cidr> protectedCidrs, List<String> problems) {
        var range = rule.cidr() == null ? null : Cidr.parse(rule.cidr()).orElse(null);
        if (range == null) {
            return;
        }
        protectedRanges(protectedCidrs).stream()
                .filter(p -> p.contains(range))
                .findFirst()
                .ifPresent(p -> problems.add("network.egressRules: " + range.text() + " lies in the protected range "
                        + p.text() + ", which only a ClusterSandboxTemplate may open"));
    }

    private static List<Cidr> protectedRanges(List<Cidr> protectedCidrs) {
        var all = new ArrayList<>(LINK_LOCAL);
        all.addAll(protectedCidrs);
        return all;
    }

    private static boolean isDaemonPort(NetworkPort port) {
        return port.port() == PodLayout.PORT
                && (port.protocol() == null || port.protocol().equals("TCP"));
    }
}
