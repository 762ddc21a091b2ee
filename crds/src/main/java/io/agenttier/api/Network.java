package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who a sandbox may talk to. Without it, DNS of the cluster only.
 *
 * @param allowInternet True to open public addresses; never private ranges, link-local or metadata addresses. The
 *     cluster decides when no layer sets it.
 * @param egressRules Further destinations that the sandbox may reach. An empty list counts as absent.
 * @param ingressRules Sources that may reach the sandbox. An empty list counts as absent.
 * @param allowedDomains Host names that the sandbox may reach, such as api.example.org or *.example.com; needs a network
 *     that can enforce names.
 * @param allowPeerSandboxes True to allow traffic with other sandboxes of the namespace in both directions.
 * @param peerSandboxSelector Which sandboxes count as peers; all of the namespace when absent. Needs
 *     allowPeerSandboxes.
 */
public record Network(
        @Nullable Boolean allowInternet,
        List<NetworkRule> egressRules,
        List<NetworkRule> ingressRules,
        List<String> allowedDomains,
        @Nullable Boolean allowPeerSandboxes,
        @Nullable LabelSelector peerSandboxSelector) {
    public Network {
        egressRules = Wire.list(egressRules);
        ingressRules = Wire.list(ingressRules);
        allowedDomains = Wire.list(allowedDomains);
    }
}
