package io.agenttier.apiserver.resource;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.ForwardedPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The ports of a sandbox at one moment. Source: the Sandbox object and its {@code managedFields}.
 *
 * @param resourceVersion of the sandbox
 * @param deleting a deletion timestamp is set
 * @param declared {@code spec.ports}; those of its templates are not among them
 * @param own numbers of those that calls declared
 * @param others field managers that own something of a port, by its number
 * @param forwarded {@code status.forwardedPorts}
 */
public record PortSet(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        boolean deleting,
        List<DeclaredPort> declared,
        Set<Integer> own,
        Map<Integer, List<String>> others,
        List<ForwardedPort> forwarded) {
    public PortSet {
        declared = List.copyOf(declared);
        own = Set.copyOf(own);
        others = Map.copyOf(others);
        forwarded = List.copyOf(forwarded);
    }

    Optional<DeclaredPort> find(int port) {
        return declared.stream().filter(d -> d.port() == port).findFirst();
    }

    Optional<ForwardedPort> reachable(int port) {
        return forwarded.stream().filter(f -> f.port() == port).findFirst();
    }

    List<DeclaredPort> ofCalls() {
        return declared.stream().filter(d -> own.contains(d.port())).toList();
    }
}
