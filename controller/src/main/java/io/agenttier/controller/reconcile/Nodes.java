package io.agenttier.controller.reconcile;

import io.kubernetes.client.openapi.models.V1Node;
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
