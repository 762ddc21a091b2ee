package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One allowance of traffic. Exactly one of cidr and serviceRef is set.
 *
 * @param cidr Address range of the other side, IPv4 or IPv6, such as 203.0.113.0/24.
 * @param serviceRef Service of the other side.
 * @param ports Ports that are allowed; all when empty. Outwards to a Service, its own ports.
 */
public record NetworkRule(@Nullable String cidr, @Nullable ServiceRef serviceRef, List<NetworkPort> ports) {
    public NetworkRule {
        ports = Wire.list(ports);
    }
}
