package io.agenttier.api.network;

import io.agenttier.api.Network;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ranges that egress rules of a Sandbox or SandboxTemplate may never name, only those of a ClusterSandboxTemplate: link-local addresses,
 * and what the administrator protects.
 *
 * @param all link-local ones first
 */
public record ProtectedRanges(List<Cidr> all) {
    private static final List<Cidr> LINK_LOCAL = List.of(Cidr.of("169.254.0.0/16"), Cidr.of("fe80::/10"));

    public ProtectedRanges {
        all = List.copyOf(all);
    }

    /** @param chosen by the administrator, Helm {@code networking.protectedCIDRs} */
    public static ProtectedRanges with(List<Cidr> chosen) {
        return new ProtectedRanges(
                Stream.concat(LINK_LOCAL.stream(), chosen.stream()).distinct().toList());
    }

    /** Sentences on egress rules that name a protected range, none if all is well. */
    public List<String> violations(@Nullable Network network) {
        if (network == null) {
            return List.of();
        }
        return violations(network.egressRules().stream()
                .flatMap(rule -> Stream.ofNullable(rule.cidr()))
                .toList());
    }

    /** Sentences on destinations, ranges or addresses, that lie in a protected range. What is neither is for others to refuse. */
    public List<String> violations(List<String> destinations) {
        return destinations.stream()
                .flatMap(text -> Cidr.parseRangeOrAddress(text).stream())
                .flatMap(range -> violation(range).stream())
                .toList();
    }

    /** What is cut out of a range that is wider than a protected one. */
    public List<Cidr> within(Cidr range) {
        return all.stream().filter(p -> range.contains(p) && !p.contains(range)).toList();
    }

    private Optional<String> violation(Cidr range) {
        return all.stream()
                .filter(p -> p.contains(range))
                .findFirst()
                .map(p -> range.text() + " lies in the protected range " + p.text()
                        + ", which only a ClusterSandboxTemplate may open");
    }
}
