package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.Stopped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Running is wanted. */
final class RunPlan {
    static final String ENDING = "the previous pod is ending";

    /** From Secret to pod it is one call; ending the start of another that is at it would go on for as long as both believe to lead. */
    private static final Duration OTHERS_START = Duration.ofSeconds(10);

    private RunPlan() {}

    static Plan of(World world, PodSet pods, Instant now, String fresh, ClusterSettings settings) {
        var status = world.sandbox().statusOrEmpty();
        var current = pods.current();
        var usedUp = Run.isOver(status) || status.nextRetryTime() != null || isGivenUp(status);
        if (current != null && !usedUp) {
            return LivePlan.of(world, current, pods, now, fresh, settings);
        }
        if (!pods.alive().isEmpty()) {
            return Deletions.of(waiting(world, pods, now), pods.alive(), false, null);
        }
        var holders = NodeLoss.holders(
                world,
                Stream.concat(pods.ending().stream(), pods.stuck().stream()).toList());
        if (!holders.isEmpty()) {
            return NodeLoss.deletion(waiting(world, pods, now), holders);
        }
        if (!pods.ending().isEmpty()) {
            var last = pods.ending().getFirst();
            return Plan.status(waiting(world, pods, now))
                    .lookAgainAfter(
                            Duration.between(now, PodSet.lastMoment(last)).plusSeconds(1));
        }
        if (status.podUID() != null && !usedUp) {
            return Failure.infrastructure(
                    world, status.podUID(), Reasons.POD_LOST, "the pod is gone" + cause(status), now);
        }
        if (status.nextRetryTime() != null
                && now.isBefore(status.nextRetryTime().toInstant())) {
            var plan = Deletions.of(
                    new Draft(world.sandbox(), now).build(), List.of(), world.secretLeft(), status.incarnation());
            return plan.lookAgainAfter(
                    Duration.between(now, status.nextRetryTime().toInstant()));
        }
        if (world.secretLeft() && !world.secretUnused() && !usedUp && world.obstacle() == null) {
            var others = madeByOther(world, now);
            if (others.isPresent()) {
                return Plan.status(new Draft(world.sandbox(), now).build()).lookAgainAfter(others.get());
            }
            // a Secret without a pod: the pod may have lived for a moment, and no two pods have one incarnation
            var draft = new Draft(world.sandbox(), now);
            draft.fields().podName(null);
            return Plan.statusFirst(draft.build());
        }
        return StartPlan.of(world, pods, usedUp, now, fresh, settings);
    }

    /** How long another process, which believes to lead as well or did so until now, gets to make the pod of the start that it began. */
    private static Optional<Duration> madeByOther(World world, Instant now) {
        return Optional.ofNullable(world.secretOfOther())
                .map(made -> Duration.between(now, made.plus(OTHERS_START)))
                .filter(Duration::isPositive);
    }

    /** What was seen of its end while it was there. */
    private static String cause(SandboxStatus status) {
        return Conditions.find(status.conditions(), Conditions.POD_READY)
                .filter(c -> c.reason().equals(Reasons.POD_LOST) && c.message().startsWith(ENDING + ": "))
                .map(c -> c.message().substring(ENDING.length()))
                .orElse("");
    }

    /** The incarnation has no pod and will not get one; its Secret is still to be cleared away. */
    private static boolean isGivenUp(SandboxStatus status) {
        return status.incarnation() != null && status.podName() == null;
    }

    /** Something of an earlier pod is in the way. A pod of the present incarnation that is going uses that incarnation up. */
    private static SandboxStatus waiting(World world, PodSet pods, Instant now) {
        var status = world.sandbox().statusOrEmpty();
        var draft = new Draft(world.sandbox(), now).phase(Phase.CREATING);
        if (status.nextRetryTime() == null) {
            var cause = Stream.of(pods.ending(), pods.stuck())
                    .flatMap(List::stream)
                    .flatMap(p -> PodObservation.disruption(p).stream())
                    .findFirst();
            draft.fails(
                    Conditions.POD_READY,
                    Reasons.POD_LOST,
                    cause.map(c -> ENDING + ": " + c).orElse(ENDING));
            draft.notReady(reasonToWait(status.stopped(), Run.isOver(status)), "waits for the previous pod to end");
        }
        Stream.of(pods.ending(), pods.stuck())
                .flatMap(List::stream)
                .filter(p -> PodSet.incarnation(p).equals(status.incarnation()))
                .map(PodSet::uid)
                .findFirst()
                .ifPresent(draft.fields()::podUID);
        return draft.build();
    }

    private static String reasonToWait(@Nullable Stopped stopped, boolean runIsOver) {
        return stopped != null && runIsOver ? Reasons.RESUMING : Reasons.RESTARTING;
    }
}
