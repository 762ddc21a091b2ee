package io.agenttier.controller.plan;

import io.agenttier.api.NetworkPort;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import java.util.List;

/** Ports of a NetworkPolicy's rules. Every protocol is written out, so that what is read back equals what was written. */
final class PolicyPorts {
    private static final int LAST = 65535;

    private PolicyPorts() {}

    static V1NetworkPolicyPort port(String protocol, int port) {
        return new V1NetworkPolicyPort().protocol(protocol).port(new IntOrString(port));
    }

    static V1NetworkPolicyPort tcp(int port) {
        return port("TCP", port);
    }

    static List<V1NetworkPolicyPort> of(List<NetworkPort> ports) {
        return ports.stream()
                .map(p -> port(p.protocol() == null ? "TCP" : p.protocol(), p.port()))
                .toList();
    }

    /** Every port that is not sandboxd's: only apiserver and controller speak to it. */
    static List<V1NetworkPolicyPort> allButDaemon() {
        return List.of(
                tcp(1).endPort(PodLayout.PORT - 1),
                tcp(PodLayout.PORT + 1).endPort(LAST),
                port("UDP", 1).endPort(LAST),
                port("SCTP", 1).endPort(LAST));
    }
}
