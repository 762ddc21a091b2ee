package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.Stopped;
import java.time.Instant;

/** What follows from a failure: another try after a wait, or Error. */
final class Failure {
    private Failure() {}

    /**
     * A failure that is not the sandbox's own. It is counted once: the plan after it sees {@code nextRetryTime} and only clears away.
     *
     * @param podUid uid of the pod that failed; its incarnation is used up
     * @param reason of PodReady meanwhile
     */
    static Plan infrastructure(World world, String podUid, String reason, String message, Instant now) {
        var status = world.sandbox().statusOrEmpty();
        var done = status.restartCount() == null ? 0 : status.restartCount();
        if (done >= Retry.TRIES) {
            return permanent(
                    world,
                    podUid,
                    Reasons.RETRIES_EXHAUSTED,
                    "gave up after " + Retry.TRIES + " automatic restarts, the last failure: " + message,
                    now);
        }
        var next = now.plus(Retry.waitAfter(done));
        var draft = new Draft(world.sandbox(), now)
                .fails(Conditions.POD_READY, reason, message)
                .notReady(
                        Reasons.RESTARTING,
                        message + "; restart " + (done + 1) + " of " + Retry.TRIES + " at " + Draft.time(next))
                .phase(Phase.CREATING);
        draft.fields().restartCount(done + 1).nextRetryTime(Draft.time(next)).podUID(podUid);
        return Plan.statusFirst(draft.build());
    }

    /** A failure that no retry mends: Error, until somebody asks for a start. */
    static Plan permanent(World world, String podUid, String reason, String message, Instant now) {
        var draft = new Draft(world.sandbox(), now).fails(Conditions.POD_READY, reason, message);
        return Plan.statusFirst(failed(draft, podUid, reason, message, now).build());
    }

    /** Makes a draft, in which the failing condition is set already, one of Error. */
    static Draft failed(Draft draft, String podUid, String reason, String message, Instant now) {
        draft.notReady(Reasons.FAILED, message).phase(Phase.ERROR);
        draft.fields().stopped(new Stopped(Draft.time(now), reason, null)).nextRetryTime(null);
        if (!podUid.isEmpty()) {
            draft.fields().podUID(podUid);
        }
        return draft;
    }
}
