package io.agenttier.controller.reconcile;

import io.kubernetes.client.openapi.models.V1Node;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/** Which nodes answer. */
final class Nodes {
    private Nodes() {}

    /** Names of the nodes whose condition Ready is not True. */
    static Set<String> silent(Collection<V1Node> nodes) {
        return nodes.stream().filter(n -> !answers(n)).map(Nodes::name).collect(Collectors.toSet());
    }

    /** Names of those that are silent for {@code deadline}, or that somebody declared out of service. */
    static Set<String> lost(Collection<V1Node> nodes, Instant now, Duration deadline) {
        return nodes.stream()
                .filter(n -> !answers(n))
                .filter(n -> isOutOfService(n) || isSilentSince(n, now.minus(deadline)))
                .map(Nodes::name)
                .collect(Collectors.toSet());
    }

    private static boolean isOutOfService(V1Node node) {
        return node.getSpec() != null
                && node.getSpec().getTaints() != null
                && node.getSpec().getTaints().stream()
                        .anyMatch(t -> "node.kubernetes.io/out-of-service".equals(t.getKey()));
    }

    private static boolean isSilentSince(V1Node node, Instant time) {
        return node.getStatus() != null
                && node.getStatus().getConditions() != null
                && node.getStatus().getConditions().stream()
                        .filter(c -> "Ready".equals(c.getType()))
                        .map(c -> c.getLastTransitionTime())
                        .anyMatch(since -> since != null && !since.toInstant().isAfter(time));
    }

    static boolean answers(V1Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    static String name(V1Node node) {
        return node.getMetadata() == null || node.getMetadata().getName() == null
                ? ""
                : node.getMetadata().getName();
    }
}
