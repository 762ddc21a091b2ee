package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a kubelet complains of before the first container of a pod runs: a volume that cannot be mounted, a runtime that cannot be had.
 * It says so in Events alone.
 */
public final class PodWarning {
    /** How often to look for one. */
    static final Duration LOOK = Duration.ofSeconds(5);

    /** A start that takes less long needs no explanation. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private PodWarning() {}

    /** Whether the pod has a node and nothing of it has run yet, for longer than usual. */
    public static boolean isAwaited(V1Pod pod, Instant now) {
        var status = pod.getStatus();
        return pod.getSpec() != null
                && pod.getSpec().getNodeName() != null
                && status != null
                && "Pending".equals(status.getPhase())
                && pod.getMetadata() != null
                && !Owned.isTerminating(pod.getMetadata())
                && !now.isBefore(PodSet.created(pod, now).plus(PATIENCE))
                && Stream.of(status.getInitContainerStatuses(), status.getContainerStatuses())
                        .allMatch(PodWarning::allWait);
    }

    /** Whether only people can mend it: the kubelet waits for a key that an existing Secret or ConfigMap lacks. */
    static boolean isFinal(String warning) {
        return warning.contains("references non-existent");
    }

    static String suffix(String warning) {
        return warning.isEmpty() ? "" : "; it says " + warning;
    }

    private static boolean allWait(@Nullable List<V1ContainerStatus> containers) {
        return containers == null
                || containers.stream()
                        .allMatch(c -> c.getState() == null || c.getState().getWaiting() != null);
    }
}
