package io.agenttier.controller.plan;

import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.List;

/**
 * Pods of nodes that are given up. A volume that one node at a time can have stays with such a pod for as long as the API shows it: only then is
 * the pod deleted by force. Any other pod gets a successor without that.
 */
final class NodeLoss {
    private NodeLoss() {}

    /** Those of {@code pods} that keep the sandbox's volume on a node that is given up. */
    static List<V1Pod> holders(World world, List<V1Pod> pods) {
        return hasVolumeOfOneNode(world)
                ? pods.stream()
                        .filter(p -> !PodSet.answers(p, world.lostNodes()))
                        .toList()
                : List.of();
    }

    static Plan deletion(SandboxStatus status, List<V1Pod> pods) {
        List<Action> deletions = pods.stream()
                .<Action>map(p -> new Action.ForceDeletePod(PodSet.name(p), PodSet.uid(p)))
                .toList();
        return Plan.of(status, deletions, List.of());
    }

    private static boolean hasVolumeOfOneNode(World world) {
        var claim = world.claim();
        var modes = claim == null || claim.getSpec() == null
                ? null
                : claim.getSpec().getAccessModes();
        return modes != null && !modes.contains("ReadWriteMany");
    }
}
