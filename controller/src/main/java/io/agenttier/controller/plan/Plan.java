package io.agenttier.controller.plan;

import io.agenttier.api.SandboxStatus;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What comes next for one sandbox. The status is written first, so that after a crash anywhere it tells what was meant; then the stages, one
 * after the other, the actions within a stage in any order or at once.
 *
 * @param atOnce true if the next plan should be made at once, without waiting for a change in the cluster
 * @param again time after which to look again even if nothing changes
 */
public record Plan(
        SandboxStatus status,
        List<List<Action>> stages,
        boolean atOnce,
        @Nullable Duration again) {
    public Plan {
        stages = stages.stream()
                .<List<Action>>map(List::copyOf)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    static Plan status(SandboxStatus status) {
        return new Plan(status, List.of(), false, null);
    }

    /** Write the status and decide anew with it. */
    static Plan statusFirst(SandboxStatus status) {
        return new Plan(status, List.of(), true, null);
    }

    static Plan of(SandboxStatus status, List<Action> first, List<Action> second) {
        return new Plan(status, List.of(first, second), false, null);
    }

    /** The same with that status, and at last those actions. */
    Plan then(SandboxStatus next, List<Action> last) {
        var all = last.isEmpty()
                ? stages
                : Stream.concat(stages.stream(), Stream.of(last)).toList();
        return new Plan(next, all, atOnce, again);
    }

    Plan lookAgainAfter(Duration time) {
        return new Plan(status, stages, atOnce, again == null || time.compareTo(again) < 0 ? time : again);
    }

    Plan decideAgainAtOnce() {
        return new Plan(status, stages, true, again);
    }
}
