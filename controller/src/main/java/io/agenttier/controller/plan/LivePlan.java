package io.agenttier.controller.plan;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/** Running is wanted and the pod of this start exists. */
final class LivePlan {
    /** A start that takes less long is not told step by step: each step would be a write. */
    private static final Duration QUIET_START = Duration.ofSeconds(4);

    /** A daemon that was ready and does not answer for this long has failed. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** How often to see whether a silent node is given up. */
    private static final Duration NODE_LOOK = Duration.ofSeconds(30);

    private LivePlan() {}

    static Plan of(World world, V1Pod pod, PodSet pods, Instant now, String fresh, ClusterSettings settings) {
        if (!pods.leftovers().isEmpty()) {
            var status = world.sandbox().statusOrEmpty();
            return Deletions.of(status, pods.leftovers(), false, null);
        }
        var answers = PodSet.answers(pod, world.silentNodes());
        return switch (PodObservation.of(pod, answers)) {
            case PodState.Ready r -> ReadyPlan.of(world, pod, r, now, settings);
            case PodState.Starting _
            when PodWarning.isFinal(world.warning()) ->
                startFailed(world, pod, pods, Reasons.CONFIG_ERROR, world.warning(), now, fresh, settings);
            case PodState.Starting s ->
                starting(world, pod, s.reason(), s.message() + PodWarning.suffix(world.warning()), now);
            case PodState.Unready u ->
                wasReady(world, pod)
                        ? unready(world, pod, u, now)
                        : starting(world, pod, Reasons.STARTING, "files are written and init scripts run", now);
            case PodState.SidecarDown d ->
                wasReady(world, pod)
                        ? sidecarDown(world, pod, d, now)
                        : starting(world, pod, Reasons.STARTING, d.message(), now);
            case PodState.NodeLost n -> nodeLost(world, pod, n, now);
            case PodState.Stuck s -> startFailed(world, pod, pods, s.reason(), s.message(), now, fresh, settings);
            case PodState.StartFailed f -> startFailed(world, pod, pods, f.reason(), f.message(), now, fresh, settings);
            case PodState.ApplicationExited e ->
                Failure.permanent(world, PodSet.uid(pod), Reasons.APPLICATION_EXITED, e.sentence(), now);
            case PodState.Failed f ->
                Failure.infrastructure(world, PodSet.uid(pod), Reasons.BACK_OFF, f.cause() + ": " + f.message(), now);
        };
    }

    private static Plan starting(World world, V1Pod pod, String reason, String seen, Instant now) {
        var message = PendingVolume.named(world, reason, seen);
        var age = Duration.between(PodSet.created(pod, now), now);
        if (world.sandbox().status() != null && age.compareTo(QUIET_START) < 0) {
            return Plan.status(world.sandbox().statusOrEmpty()).lookAgainAfter(QUIET_START.minus(age));
        }
        var draft = identify(new Draft(world.sandbox(), now), pod);
        draft.fails(Conditions.POD_READY, reason, message)
                .notReady(readyReason(world), message)
                .phase(Phase.CREATING);
        PendingVolume.show(world, draft);
        var plan = Plan.status(draft.build());
        return PodWarning.isAwaited(pod, now) ? plan.lookAgainAfter(PodWarning.LOOK) : plan;
    }

    private static Plan unready(World world, V1Pod pod, PodState.Unready unready, Instant now) {
        return silent(world, pod, "SandboxdUnreachable", unready.message(), now);
    }

    /** Calls wait for the pod as a whole. A sidecar that is only not ready may take its time; one that crashes for long has failed. */
    private static Plan sidecarDown(World world, V1Pod pod, PodState.SidecarDown down, Instant now) {
        return down.crashing()
                ? silent(world, pod, "CrashLoopBackOff", down.message(), now)
                : Plan.status(interrupted(world, pod, down.message(), now));
    }

    private static Plan silent(World world, V1Pod pod, String cause, String message, Instant now) {
        var since = Conditions.find(world.sandbox().statusOrEmpty().conditions(), Conditions.POD_READY)
                .filter(c -> !c.holds())
                .map(Condition::lastTransitionTime)
                .map(OffsetDateTime::toInstant)
                .orElse(now);
        var until = since.plus(SILENCE);
        if (!now.isBefore(until)) {
            return Failure.infrastructure(world, PodSet.uid(pod), Reasons.BACK_OFF, cause + ": " + message, now);
        }
        return Plan.status(interrupted(world, pod, message, now)).lookAgainAfter(Duration.between(now, until));
    }

    private static SandboxStatus interrupted(World world, V1Pod pod, String message, Instant now) {
        return identify(new Draft(world.sandbox(), now), pod)
                .fails(Conditions.POD_READY, Reasons.POD_LOST, message)
                .notReady(Reasons.RESTARTING, message)
                .phase(Phase.RUNNING)
                .build();
    }

    /** Nobody knows what runs there: the pod is not touched until the cluster gives it up. */
    private static Plan nodeLost(World world, V1Pod pod, PodState.NodeLost lost, Instant now) {
        var message =
                "node " + lost.node() + " does not answer; the sandbox restarts when the cluster gives up its pod";
        var status = identify(new Draft(world.sandbox(), now), pod)
                .fails(Conditions.POD_READY, Reasons.POD_LOST, message)
                .notReady(Reasons.RESTARTING, message)
                .phase(wasReady(world, pod) ? Phase.RUNNING : Phase.CREATING)
                .build();
        var holders = NodeLoss.holders(world, List.of(pod));
        return holders.isEmpty() ? Plan.status(status).lookAgainAfter(NODE_LOOK) : NodeLoss.deletion(status, holders);
    }

    /** It cannot start as it is: another try only makes sense once what it rests on has changed. */
    private static Plan startFailed(
            World world,
            V1Pod pod,
            PodSet pods,
            String reason,
            String message,
            Instant now,
            String fresh,
            ClusterSettings settings) {
        if (Resolution.of(world, settings) instanceof Resolution.Resolved resolved
                && !waitingFields(pod, resolved).isEmpty()) {
            var storage = Storage.of(world, resolved.effective());
            return StartPlan.reserve(world, resolved, storage, pods, true, now, fresh);
        }
        return Blockade.of(
                world, PodSet.uid(pod), new Resolution.Blocked(Conditions.POD_READY, reason, message), now, settings);
    }

    /** Fields whose change acts at the next start only. */
    static List<String> waitingFields(V1Pod pod, Resolution.Resolved resolved) {
        var annotations = pod.getMetadata() == null ? null : pod.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(StartedWith.ANNOTATION);
        return StartedWith.parse(text).changedTo(StartedWith.of(resolved.effective()));
    }

    /** Who the pod is, and that its incarnation is used. */
    static Draft identify(Draft draft, V1Pod pod) {
        draft.fields()
                .incarnation(PodSet.incarnation(pod))
                .podName(PodSet.name(pod))
                .podUID(PodSet.uid(pod));
        if (pod.getSpec() != null && pod.getSpec().getNodeName() != null) {
            draft.fields().node(pod.getSpec().getNodeName());
        }
        return draft;
    }

    private static boolean wasReady(World world, V1Pod pod) {
        var status = world.sandbox().statusOrEmpty();
        return Run.isPhase(status, Phase.RUNNING) && PodSet.uid(pod).equals(status.podUID());
    }

    private static String readyReason(World world) {
        var status = world.sandbox().statusOrEmpty();
        if (status.restartCount() != null && status.restartCount() > 0) {
            return Reasons.RESTARTING;
        }
        return status.stopped() == null ? Reasons.STARTING : Reasons.RESUMING;
    }
}
