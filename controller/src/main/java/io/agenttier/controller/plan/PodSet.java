package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods of a sandbox, sorted by what they are to it.
 *
 * @param current the pod of {@code status.incarnation}, not terminating; or, where the status was lost, the one that lives
 * @param leftovers pods of other incarnations, not terminating: to be deleted
 * @param ending pods that are terminating in time: to be waited for
 * @param stuck pods that should be gone by now, as on a lost node
 */
record PodSet(@Nullable V1Pod current, List<V1Pod> leftovers, List<V1Pod> ending, List<V1Pod> stuck) {
    /** What a pod may take beyond its grace period, which its deletion timestamp includes, before a successor of another name starts. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    static PodSet of(World world, Instant now) {
        var status = world.sandbox().statusOrEmpty();
        V1Pod current = null;
        var leftovers = new ArrayList<V1Pod>();
        var ending = new ArrayList<V1Pod>();
        var stuck = new ArrayList<V1Pod>();
        for (var pod : world.pods()) {
            if (isTerminating(pod)) {
                (now.isAfter(lastMoment(pod)) ? stuck : ending).add(pod);
            } else if (current == null && isCurrent(pod, status, world.silentNodes())) {
                current = pod;
            } else {
                leftovers.add(pod);
            }
        }
        return new PodSet(current, leftovers, ending, stuck);
    }

    /** All that were not asked to go yet. */
    List<V1Pod> alive() {
        var alive = new ArrayList<>(leftovers);
        if (current != null) {
            alive.add(current);
        }
        return alive;
    }

    boolean isEmpty() {
        return current == null && leftovers.isEmpty() && ending.isEmpty() && stuck.isEmpty();
    }

    /** Whether a pod of this name exists, in whatever state. */
    boolean taken(String name) {
        return java.util.stream.Stream.of(alive(), ending, stuck)
                .flatMap(List::stream)
                .anyMatch(p -> name.equals(name(p)));
    }

    static String incarnation(V1Pod pod) {
        return pod.getMetadata() == null ? "" : Owned.label(pod.getMetadata(), Labels.INCARNATION);
    }

    static String name(V1Pod pod) {
        return pod.getMetadata() == null || pod.getMetadata().getName() == null
                ? ""
                : pod.getMetadata().getName();
    }

    static String uid(V1Pod pod) {
        return pod.getMetadata() == null || pod.getMetadata().getUid() == null
                ? ""
                : pod.getMetadata().getUid();
    }

    static Instant created(V1Pod pod, Instant orElse) {
        return pod.getMetadata() == null || pod.getMetadata().getCreationTimestamp() == null
                ? orElse
                : pod.getMetadata().getCreationTimestamp().toInstant();
    }

    static boolean answers(V1Pod pod, Set<String> silentNodes) {
        var node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        return node == null || !silentNodes.contains(node);
    }

    private static boolean isCurrent(V1Pod pod, SandboxStatus status, Set<String> silentNodes) {
        if (status.incarnation() != null) {
            return status.incarnation().equals(incarnation(pod));
        }
        return status.phase() == null
                && !PodObservation.of(pod, answers(pod, silentNodes)).hasEnded();
    }

    private static boolean isTerminating(V1Pod pod) {
        return pod.getMetadata() != null && Owned.isTerminating(pod.getMetadata());
    }

    /** When a terminating pod should be gone at the latest. */
    static Instant lastMoment(V1Pod pod) {
        var metadata = pod.getMetadata();
        return metadata == null || metadata.getDeletionTimestamp() == null
                ? Instant.MAX
                : metadata.getDeletionTimestamp().toInstant().plus(PATIENCE);
    }
}
