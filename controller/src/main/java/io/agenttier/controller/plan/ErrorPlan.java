package io.agenttier.controller.plan;

import io.agenttier.api.Phase;
import java.time.Instant;

/** Error is final until somebody asks for a start: what still runs goes, a pod that ended stays for its logs. */
final class ErrorPlan {
    private ErrorPlan() {}

    static Plan of(World world, PodSet pods, Instant now) {
        var sandbox = world.sandbox();
        var old = sandbox.statusOrEmpty();
        var draft = new Draft(sandbox, now).phase(Phase.ERROR);
        var running = pods.alive().stream()
                .filter(p -> !PodObservation.of(p, PodSet.answers(p, world.silentNodes()))
                        .hasEnded())
                .toList();
        if (!running.isEmpty()) {
            return Deletions.of(draft.build(), running, false, null);
        }
        if (world.secretLeft()) {
            return Deletions.of(draft.build(), java.util.List.of(), true, old.incarnation())
                    .decideAgainAtOnce();
        }
        // from here on the pod that is kept belongs to no run: the next start clears it away
        draft.fields().incarnation(null).node(null);
        return Plan.status(draft.build());
    }
}
