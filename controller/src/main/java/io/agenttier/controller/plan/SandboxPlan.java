package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.PowerState;
import io.agenttier.api.Reasons;
import java.time.Instant;

/** Next steps for one sandbox: the entry to all decisions. */
public final class SandboxPlan {
    private SandboxPlan() {}

    /**
     * Pure: the same world at the same time gives the same plan.
     *
     * @param freshIncarnation 8 hex digits that no other start has; used if this plan begins one
     */
    public static Plan of(World world, Instant now, String freshIncarnation, ClusterSettings settings) {
        // what keeps a port from being forwarded keeps nothing else from going on
        var pod = PortPlan.concerns(world.obstacle()) ? world.unobstructed() : world;
        var plan = HarnessPlan.withLastHooks(pod, decide(pod, now, freshIncarnation, settings), now);
        return world.sandbox().metadata().beingDeleted()
                ? plan
                : Configured.with(world, PortPlan.with(world, plan, now, settings), now);
    }

    private static Plan decide(World world, Instant now, String freshIncarnation, ClusterSettings settings) {
        var sandbox = world.sandbox();
        if (sandbox.metadata().beingDeleted()) {
            return deleting(world, now);
        }
        var pods = PodSet.of(world, now);
        var lifetime = new LifetimePlan(world, pods, now, settings);
        var deletion = lifetime.deletion();
        if (deletion.isPresent()) {
            return deletion.get();
        }
        if (sandbox.spec().wantedPower() == PowerState.STOPPED) {
            return lifetime.untilDeletion(StopPlan.of(world, pods, now, settings));
        }
        var exited = ExitPlan.of(world, pods, now);
        if (exited.isPresent()) {
            return exited.get();
        }
        var stop = lifetime.stop();
        if (stop.isPresent()) {
            return stop.get();
        }
        return lifetime.announce(
                Run.isFailed(sandbox)
                        ? ErrorPlan.of(world, pods, now)
                        : RunPlan.of(world, pods, now, freshIncarnation, settings));
    }

    /** Everything is owned by the sandbox, so the garbage collector clears away; only the phase is left to show. */
    private static Plan deleting(World world, Instant now) {
        return Plan.status(new Draft(world.sandbox(), now)
                .notReady(Reasons.DELETING, "the sandbox is being deleted")
                .fails(Conditions.POD_READY, Reasons.STOPPED, "the sandbox is being deleted")
                .phase(Phase.DELETING)
                .build());
    }
}
