package io.agenttier.controller.plan;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** A start that cannot go on: shown at once, Error after the deadline, healed by itself before it. */
final class Blockade {
    /** How often to look for what the controller does not watch. */
    private static final Duration UNWATCHED = Duration.ofSeconds(10);

    /** RuntimeClasses, and rights. */
    private static final Set<String> UNWATCHED_CAUSES = Set.of(Reasons.RUNTIME_CLASS_MISSING, Reasons.FORBIDDEN);

    private Blockade() {}

    static Plan of(World world, Resolution.Blocked blocked, Instant now, ClusterSettings settings) {
        return of(world, "", blocked, now, settings);
    }

    /** @param podUid uid of the pod that cannot start; empty without one */
    static Plan of(World world, String podUid, Resolution.Blocked blocked, Instant now, ClusterSettings settings) {
        var draft = new Draft(world.sandbox(), now);
        if (!blocked.condition().equals(Conditions.READY)) {
            draft.fails(blocked.condition(), blocked.reason(), blocked.message());
        }
        var deadline = began(world, blocked).plus(settings.startDeadline());
        if (!now.isBefore(deadline)) {
            return Plan.statusFirst(Failure.failed(draft, podUid, blocked.reason(), blocked.message(), now)
                    .build());
        }
        var reason = blocked.condition().equals(Conditions.READY) ? blocked.reason() : Reasons.STARTING;
        draft.notReady(reason, blocked.message()).phase(Phase.CREATING);
        var plan = Plan.status(draft.build()).lookAgainAfter(Duration.between(now, deadline));
        return UNWATCHED_CAUSES.contains(blocked.reason()) ? plan.lookAgainAfter(UNWATCHED) : plan;
    }

    /** Whichever is later: the attempt, or the moment at which what is blocked now began to fail. */
    private static Instant began(World world, Resolution.Blocked blocked) {
        var attempt = Run.attemptBegan(world.sandbox());
        return Conditions.find(world.sandbox().statusOrEmpty().conditions(), blocked.condition())
                .filter(c -> c.status().equals(Condition.FALSE))
                .map(Condition::lastTransitionTime)
                .map(t -> t.toInstant())
                .filter(attempt::isBefore)
                .orElse(attempt);
    }
}
