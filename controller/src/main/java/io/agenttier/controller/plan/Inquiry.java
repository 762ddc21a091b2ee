package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Questions of one plan to one pod. What is known already is answered at once; the rest becomes actions, whose answers are there for a later
 * plan.
 */
final class Inquiry {
    private final World world;
    private final V1Pod pod;
    private final Instant now;
    private final List<Action> actions = new ArrayList<>();
    private @Nullable Duration again;

    Inquiry(World world, V1Pod pod, Instant now) {
        this.world = world;
        this.pod = pod;
        this.now = now;
    }

    /** The final answer, a failure for good among them; empty while it is outstanding. */
    Optional<PodAnswer> ask(PodQuestion question) {
        var known = world.answers(PodSet.uid(pod)).get(question);
        if (known instanceof PodAnswer.Failed f && !f.isFinal()) {
            if (now.isBefore(f.next())) {
                lookAgainAt(f.next());
                return Optional.empty();
            }
            known = null;
        }
        if (known == null) {
            var ip = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
            if (ip != null) {
                actions.add(new Action.Ask(PodSet.uid(pod), ip, PodSet.incarnation(pod), question));
            }
        }
        return Optional.ofNullable(known);
    }

    void lookAgainAt(Instant time) {
        var in = Duration.between(now, time);
        again = again == null || in.compareTo(again) < 0 ? in : again;
    }

    List<Action> actions() {
        return List.copyOf(actions);
    }

    /** {@code plan} with the questions that are outstanding. */
    Plan with(Plan plan) {
        var stages = new ArrayList<>(plan.stages());
        stages.add(actions);
        var asked = new Plan(plan.status(), stages, plan.atOnce(), plan.again());
        return again == null ? asked : asked.lookAgainAfter(again);
    }
}
