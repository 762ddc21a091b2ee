package io.agenttier.controller.plan;

import io.agenttier.api.network.Cidr;
import io.kubernetes.client.openapi.models.V1IPBlock;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Address ranges of a NetworkPolicy's rules. */
final class AddressBlocks {
    private static final Cidr ALL_V4 = Cidr.of("0.0.0.0/0");
    private static final Cidr ALL_V6 = Cidr.of("::/0");

    /** Never part of the internet, even if nobody protects them. */
    private static final List<Cidr> PRIVATE = Stream.of(
                    "10.0.0.0/8",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "100.64.0.0/10",
                    "169.254.0.0/16",
                    "127.0.0.0/8",
                    "fc00::/7",
                    "fe80::/10",
                    "::1/128")
            .map(Cidr::of)
            .toList();

    private AddressBlocks() {}

    /** {@code range} without {@code cut}. */
    static V1IPBlock of(String range, List<Cidr> cut) {
        var block = new V1IPBlock().cidr(range);
        return cut.isEmpty()
                ? block
                : block.except(cut.stream().map(Cidr::text).distinct().toList());
    }

    /** Public addresses of both families: neither private nor protected nor denied ones. */
    static List<V1NetworkPolicyPeer> internet(List<Cidr> protectedCidrs, Destinations destinations) {
        var closed = new ArrayList<>(PRIVATE);
        Stream.concat(protectedCidrs.stream(), destinations.denied().stream())
                .filter(p -> closed.stream().noneMatch(c -> c.contains(p)))
                .forEach(closed::add);
        return Stream.of(ALL_V4, ALL_V6)
                .filter(all -> !destinations.deny(all))
                .map(all -> peer(all, closed))
                .toList();
    }

    private static V1NetworkPolicyPeer peer(Cidr all, List<Cidr> closed) {
        return new V1NetworkPolicyPeer()
                .ipBlock(of(all.text(), closed.stream().filter(all::contains).toList()));
    }
}
