package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Names;
import io.agenttier.api.Reasons;
import io.agenttier.api.merge.EffectiveSpec;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * The two policies that must stand before a pod does, and what is missing of them.
 *
 * @param repairs writes that bring them to what they have to be; none when all is well
 */
record Isolation(List<Action> repairs, boolean foreign) {
    static Isolation of(World world, EffectiveSpec effective, ClusterSettings settings) {
        var repairs = new ArrayList<Action>();
        closeNamespace(world, repairs);
        var wanted = DesiredNetworkPolicy.of(world.sandbox(), effective, settings);
        var present = world.policy();
        if (present == null || present.getMetadata() == null) {
            repairs.add(new Action.Create(ResourceKind.NETWORK_POLICY, wanted));
        } else if (!Owned.by(world.sandbox(), present.getMetadata())) {
            return new Isolation(List.of(), !Owned.isTerminating(present.getMetadata()));
        } else if (!DesiredNetworkPolicy.says(present, wanted)) {
            repairs.add(new Action.Repair(ResourceKind.NETWORK_POLICY, wanted, version(present)));
        }
        return new Isolation(repairs, false);
    }

    /** Only the policy of the namespace, for a pod whose own policy is not to be touched now. */
    static List<Action> closedNamespace(World world) {
        var repairs = new ArrayList<Action>();
        closeNamespace(world, repairs);
        return repairs;
    }

    /** Writes condition NetworkIsolated. */
    void show(Draft draft, World world) {
        if (foreign) {
            var name = Names.netpolName(world.sandbox().metadata().name());
            draft.fails(
                    Conditions.NETWORK_ISOLATED,
                    Reasons.APPLY_FAILED,
                    Obstacle.foreign(ResourceKind.NETWORK_POLICY, name).message());
        } else if (repairs.isEmpty()) {
            draft.holds(
                    Conditions.NETWORK_ISOLATED, Reasons.POLICY_CREATED, "the policies of sandbox and namespace exist");
        } else {
            draft.fails(Conditions.NETWORK_ISOLATED, Reasons.APPLYING, "the policies are being written");
        }
    }

    private static void closeNamespace(World world, List<Action> repairs) {
        var present = world.defaultDeny();
        var wanted = DefaultDeny.of(world.sandbox().metadata().namespace());
        if (present == null || present.getMetadata() == null || Owned.isTerminating(present.getMetadata())) {
            repairs.add(new Action.Create(ResourceKind.NETWORK_POLICY, wanted));
        } else if (!DefaultDeny.closes(present)) {
            repairs.add(new Action.Repair(ResourceKind.NETWORK_POLICY, wanted, version(present)));
        }
    }

    private static String version(V1NetworkPolicy policy) {
        return policy.getMetadata() == null || policy.getMetadata().getResourceVersion() == null
                ? ""
                : policy.getMetadata().getResourceVersion();
    }
}
