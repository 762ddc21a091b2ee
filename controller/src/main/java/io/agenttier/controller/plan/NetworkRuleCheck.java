package io.agenttier.controller.plan;

import io.agenttier.api.Network;
import io.agenttier.api.NetworkPort;
import io.agenttier.api.NetworkRule;
import io.agenttier.api.network.Cidr;
import io.agenttier.api.network.ProtectedRanges;
import java.util.ArrayList;
import java.util.List;

/** Rules that a NetworkPolicy must not be made of: one is enough for the sandbox not to start. */
final class NetworkRuleCheck {
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
        }
        if (!privileged) {
            ProtectedRanges.with(protectedCidrs).violations(network).stream()
                    .map(violation -> "network.egressRules: " + violation)
                    .forEach(problems::add);
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

    private static void checkCidr(String field, NetworkRule rule, List<String> problems) {
        if (rule.cidr() != null && Cidr.parse(rule.cidr()).isEmpty()) {
            problems.add(
                    field + ": \"" + rule.cidr() + "\" is no range of addresses, expected for example 203.0.113.0/24");
        }
    }

    private static boolean isDaemonPort(NetworkPort port) {
        return port.port() == PodLayout.PORT
                && (port.protocol() == null || port.protocol().equals("TCP"));
    }
}
