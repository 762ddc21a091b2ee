package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The pod is ready: the sandbox runs, its policies are kept as they have to be, and its tries come back when it is stable. */
final class ReadyPlan {
    private ReadyPlan() {}

    static Plan of(World world, V1Pod pod, PodState.Ready ready, Instant now, ClusterSettings settings) {
        var sandbox = world.sandbox();
        var old = sandbox.statusOrEmpty();
        var draft = LivePlan.identify(new Draft(sandbox, now), pod)
                .holds(Conditions.POD_READY, Reasons.POD_READY, "the pod is ready on node " + ready.node())
                .phase(Phase.RUNNING);
        draft.fields().node(ready.node());
        if (old.startupDurationMs() == null) {
            draft.fields()
                    .startupDurationMs(Math.max(
                            0,
                            Duration.between(Run.requestedAt(sandbox, now), now).toMillis()));
        }
        if (old.startedAt() == null) {
            draft.fields().startedAt(Draft.time(now));
        }
        var repairs = new ArrayList<Action>();
        switch (Resolution.of(world, settings)) {
            case Resolution.Resolved r -> resolved(world, pod, r, draft, repairs, settings);
            case Resolution.Blocked b -> {
                isolationOfStart(world, draft, repairs, settings);
                blocked(b, draft);
            }
        }
        var inquiry = new Inquiry(world, pod, now);
        HarnessPlan.onReady(pod, draft, inquiry, now);
        draft.addToReady(HarnessPlan.problems(draft.fields().build().harness()));
        var plan = Plan.of(draft.build(), repairs, List.of());
        return inquiry.with(tries(plan, old, draft, now));
    }

    private static void resolved(
            World world,
            V1Pod pod,
            Resolution.Resolved resolved,
            Draft draft,
            List<Action> repairs,
            ClusterSettings settings) {
        var storage = Storage.of(world, resolved.effective());
        if (!Growth.show(world, storage, resolved.effective(), draft)) {
            storage.show(draft);
        }
        repairs.addAll(Growth.of(storage, resolved.effective()));
        var waiting = new ArrayList<>(LivePlan.waitingFields(pod, resolved));
        if (templateIsAsStarted(world, resolved)) {
            var isolation = Isolation.of(world, resolved, settings);
            isolation.show(draft, world);
            repairs.addAll(isolation.repairs());
        } else {
            // an edited template never reaches a running pod, its network rules included
            isolationOfStart(world, draft, repairs, settings);
            waiting.add("the template");
        }
        draft.ready(
                waiting.isEmpty()
                        ? "the sandbox is ready"
                        : "the sandbox is ready; changes of " + String.join(", ", waiting) + " act at its next start");
    }

    private static void isolationOfStart(World world, Draft draft, List<Action> repairs, ClusterSettings settings) {
        var ofStart = Isolation.ofStart(world, settings);
        ofStart.ifPresent(isolation -> isolation.show(draft, world));
        repairs.addAll(ofStart.map(Isolation::repairs).orElseGet(() -> Isolation.closedNamespace(world)));
    }

    private static boolean templateIsAsStarted(World world, Resolution.Resolved resolved) {
        return resolved.templates()
                .origins()
                .equals(world.sandbox().statusOrEmpty().templateChain());
    }

    private static void blocked(Resolution.Blocked blocked, Draft draft) {
        if (blocked.condition().equals(Conditions.READY)) {
            draft.notReady(blocked.reason(), blocked.message());
        } else {
            draft.ready("the sandbox is ready; it could not start again: " + blocked.message());
        }
    }

    private static Plan tries(Plan plan, SandboxStatus old, Draft draft, Instant now) {
        if (old.restartCount() == null || old.restartCount() == 0) {
            return plan;
        }
        var stableAt = Conditions.find(plan.status().conditions(), Conditions.POD_READY)
                .map(c -> c.lastTransitionTime())
                .map(t -> t.toInstant().plus(Retry.STABLE))
                .orElse(now.plus(Retry.STABLE));
        if (now.isBefore(stableAt)) {
            return plan.lookAgainAfter(Duration.between(now, stableAt));
        }
        draft.fields().restartCount(0);
        return new Plan(draft.build(), plan.stages(), plan.atOnce(), plan.again());
    }
}
