package io.agenttier.controller.plan;

import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.StopReason;
import io.agenttier.api.Stopped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The declared command ended with code 0: the sandbox stops as by any automatic stop. The reason is noted before the power state is written. */
final class ExitPlan {
    private ExitPlan() {}

    static Optional<Plan> of(World world, PodSet pods, Instant now) {
        var pod = pods.current();
        var status = world.sandbox().statusOrEmpty();
        if (pod == null
                || status.nextRetryTime() != null
                || !(PodObservation.of(pod, true) instanceof PodState.ApplicationExited exited)
                || exited.code() != 0) {
            return Optional.empty();
        }
        var noted = Run.isOver(status) ? status.stopped() : null;
        if (noted != null
                && Phase.startRequestedAfter(noted, world.sandbox().spec().startRequestedAt())) {
            return Optional.empty();
        }
        var stopped =
                noted != null ? noted : new Stopped(Draft.time(now), StopReason.APPLICATION_EXITED, "application");
        var draft = new Draft(world.sandbox(), now)
                .notReady(Reasons.STOPPING, "the sandbox is being stopped: " + StopPlan.why(stopped));
        draft.fields().stopped(stopped).podUID(PodSet.uid(pod));
        return Optional.of(Plan.of(draft.build(), List.of(new Action.StopSandbox("")), List.of()));
    }
}
