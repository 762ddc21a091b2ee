package io.agenttier.apiserver.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** By which address a client is counted. Pure. */
final class ClientAddress {
    private static final int LONGEST = 45;
    /** What one customer of a provider has of IPv6. */
    private static final int SITE_BYTES = 8;

    private ClientAddress() {}

    /**
     * On a direct call the peer. Behind kube-apiserver the last hop of {@code X-Forwarded-For}, which kube-apiserver has appended itself:
     * what stands before it the client may have written. Empty for calls of kube-apiserver's own, which name none.
     *
     * @param viaFrontProxy whether the peer has shown the front proxy's certificate
     */
    static Optional<String> of(Incoming incoming, boolean viaFrontProxy) {
        return viaFrontProxy
                ? lastHop(incoming.headers().getOrDefault("x-forwarded-for", List.of()))
                        .map(ClientAddress::site)
                : Optional.of(site(incoming.source()));
    }

    private static Optional<String> lastHop(List<String> lines) {
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        var line = lines.getLast();
        var hop = line.substring(line.lastIndexOf(',') + 1).strip();
        return hop.isEmpty() || hop.length() > LONGEST ? Optional.empty() : Optional.of(hop);
    }

    /** IPv6 by its network of 64 bits: whoever has one address there has all. */
    private static String site(String address) {
        try {
            if (InetAddress.ofLiteral(address) instanceof Inet6Address six) {
                var bytes = six.getAddress();
                Arrays.fill(bytes, SITE_BYTES, bytes.length, (byte) 0);
                return InetAddress.getByAddress(bytes).getHostAddress() + "/64";
            }
        } catch (IllegalArgumentException | java.net.UnknownHostException e) {
            return address;
        }
        return address;
    }
}
