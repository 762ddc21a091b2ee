package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.StopReason;
import io.agenttier.api.Stopped;
import java.time.Instant;
import java.util.Optional;

/** Stopped is wanted: pod and Secret go, volume, policy and account stay. The phase says Stopped only when no pod is left. */
final class StopPlan {
    /** Written together with {@code powerState} by a call to {@code stop}: the user who asked. */
    static final String REQUESTED_BY = "agenttier.io/power-requested-by";

    /** What the schema allows; annotations may be longer. */
    private static final int NAME_MAX = 1024;

    private StopPlan() {}

    static Plan of(World world, PodSet pods, Instant now, ClusterSettings settings) {
        var sandbox = world.sandbox();
        var old = sandbox.statusOrEmpty();
        var stopped = isRecorded(old) && old.stopped() != null ? old.stopped() : requested(sandbox, now);
        var draft = new Draft(sandbox, now);
        draft.fields().stopped(stopped).nextRetryTime(null).scheduledStop(null);
        if (!pods.isEmpty() || world.secretLeft()) {
            draft.notReady(Reasons.STOPPING, "the sandbox is being stopped: " + why(stopped))
                    .phase(phaseWhileEnding(old));
            var hook = hook(world, pods, stopped, draft, now, settings);
            if (hook.isPresent()) {
                return hook.get();
            }
            var plan = Deletions.of(draft.build(), pods.alive(), world.secretLeft(), old.incarnation());
            return pods.isEmpty() ? plan.decideAgainAtOnce() : plan;
        }
        draft.fails(Conditions.POD_READY, Reasons.STOPPED, "no pod while the sandbox is stopped")
                .notReady(Reasons.STOPPED, why(stopped))
                .phase(Phase.STOPPED);
        draft.fields().incarnation(null).podName(null).podUID(null).node(null);
        draft.fields().restartCount(0).lastRestartTime(null);
        if (!Run.isPhase(old, Phase.STOPPED)) {
            draft.fields().stopped(new Stopped(Draft.time(now), stopped.reason(), stopped.by()));
        }
        showLostVolume(world, draft);
        return Plan.status(draft.build());
    }

    /** What to do while the hook before the stop runs; empty once the pod may go. */
    private static Optional<Plan> hook(
            World world, PodSet pods, Stopped stopped, Draft draft, Instant now, ClusterSettings settings) {
        var pod = pods.current();
        if (pod == null
                || !(PodObservation.of(pod, PodSet.answers(pod, world.silentNodes())) instanceof PodState.Ready)) {
            return Optional.empty();
        }
        var since = stopped.time() == null ? now : stopped.time().toInstant();
        var inquiry = new Inquiry(world, pod, now);
        if (HarnessPlan.beforeStop(pod, since, settings.hookTimeout(), draft, inquiry, now)) {
            return Optional.empty();
        }
        draft.notReady(Reasons.STOPPING, "the hook onStop runs, then the sandbox is stopped: " + why(stopped));
        return Optional.of(inquiry.with(Plan.status(draft.build())));
    }

    /** The stop under way is noted already, with its reason; an Error before it is another matter. */
    private static boolean isRecorded(SandboxStatus status) {
        return Run.isOver(status) && !Run.isPhase(status, Phase.ERROR);
    }

    /** Told while there is time to bring it back, not only when a start fails. */
    private static void showLostVolume(World world, Draft draft) {
        var name = world.sandbox().statusOrEmpty().pvcName();
        if (name != null && world.claim() == null) {
            draft.fails(Conditions.STORAGE_READY, Reasons.VOLUME_LOST, Storage.lost(name));
        }
    }

    private static Stopped requested(Sandbox sandbox, Instant now) {
        var automatic = AutomaticStop.reason(sandbox);
        if (automatic.isPresent()) {
            return new Stopped(Draft.time(now), automatic.get(), null);
        }
        var by = sandbox.metadata().annotations().getOrDefault(REQUESTED_BY, "spec");
        return new Stopped(Draft.time(now), StopReason.REQUESTED, by.substring(0, Math.min(by.length(), NAME_MAX)));
    }

    private static Phase phaseWhileEnding(SandboxStatus old) {
        return switch (Phase.parse(old.phase()).orElse(Phase.CREATING)) {
            case RUNNING -> Phase.RUNNING;
            case ERROR -> Phase.ERROR;
            case STOPPED, CREATING, DELETING -> Phase.CREATING;
        };
    }

    static String why(Stopped stopped) {
        return switch (stopped.reason()) {
            case StopReason.REQUESTED ->
                "spec".equals(stopped.by()) ? "spec.powerState is Stopped" : "stopped by " + stopped.by();
            case StopReason.IDLE_TIMEOUT -> "stopped because nobody used it";
            case StopReason.MAX_RUNTIME_REACHED -> "stopped because it reached its maximum run time";
            case StopReason.SHUTDOWN_TIME -> "stopped at its shutdown time";
            case StopReason.APPLICATION_EXITED -> "stopped because the command of the sandbox exited with code 0";
            default -> "stopped: " + stopped.reason();
        };
    }
}
