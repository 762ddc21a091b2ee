package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Names;
import io.agenttier.api.Reasons;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.network.ProtectedRanges;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The two policies that must stand before a pod does, and what is missing of them.
 *
 * @param repairs writes that bring them to what they have to be; none when all is well
 * @param foreign whether the policy's name is taken by an object of another
 * @param services what keeps a rule that names a Service from being kept; the policies are closed there
 */
record Isolation(List<Action> repairs, boolean foreign, Optional<ServiceRules.Problem> services) {
    static Isolation of(World world, Resolution.Resolved resolved, ClusterSettings settings) {
        return of(
                world,
                resolved.effective(),
                Destinations.openedByClusterOnly(world.sandbox(), resolved.templates()),
                KeptNetwork.of(resolved.templates()),
                settings);
    }

    /**
     * Of a pod whose templates changed since its start, or cannot be had any more: its rules stay those of its start, and follow the Services they
     * name and the sandbox's own spec.
     *
     * @return empty where nothing usable is known of its start: its own policy is not to be touched
     */
    static Optional<Isolation> ofStart(World world, ClusterSettings settings) {
        return KeptNetwork.of(world.policy()).flatMap(kept -> {
            var effective = kept.effective(world.sandbox(), settings);
            var byClusterOnly = kept.byClusterOnly()
                    && !Destinations.opens(world.sandbox().spec().layer());
            var usable = effective.network().allowedDomains().isEmpty()
                    && Destinations.problems(effective.spec()).isEmpty()
                    && NetworkRuleCheck.problems(
                                    Destinations.of(effective).in(effective.network()),
                                    byClusterOnly,
                                    settings.protectedCidrs())
                            .isEmpty();
            return usable ? Optional.of(of(world, effective, byClusterOnly, kept, settings)) : Optional.empty();
        });
    }

    private static Isolation of(
            World world, EffectiveSpec effective, boolean byClusterOnly, KeptNetwork kept, ClusterSettings settings) {
        var services = ServiceRules.of(
                effective,
                world.sandbox().metadata().namespace(),
                world.services(),
                byClusterOnly ? new ProtectedRanges(List.of()) : ProtectedRanges.with(settings.protectedCidrs()));
        var repairs = new ArrayList<Action>();
        closeNamespace(world, repairs);
        var wanted = DesiredNetworkPolicy.of(world.sandbox(), effective, services, kept.text(), settings);
        var present = world.policy();
        if (present == null || present.getMetadata() == null) {
            repairs.add(new Action.Create(ResourceKind.NETWORK_POLICY, wanted));
        } else if (!Owned.by(world.sandbox(), present.getMetadata())) {
            return new Isolation(List.of(), !Owned.isTerminating(present.getMetadata()), Optional.empty());
        } else if (!DesiredNetworkPolicy.says(present, wanted)) {
            repairs.add(new Action.Repair(ResourceKind.NETWORK_POLICY, wanted, version(present)));
        }
        return new Isolation(repairs, false, services.problem());
    }

    /** Only the policy of the namespace, for a pod whose own policy is not to be touched now. */
    static List<Action> closedNamespace(World world) {
        var repairs = new ArrayList<Action>();
        closeNamespace(world, repairs);
        return repairs;
    }

    /** Why no pod may be made. */
    Optional<Resolution.Blocked> blocked(World world) {
        var name = Names.netpolName(world.sandbox().metadata().name());
        return foreign
                ? Optional.of(blocked(
                        Reasons.APPLY_FAILED,
                        Obstacle.foreign(ResourceKind.NETWORK_POLICY, name).message()))
                : services.map(problem -> blocked(problem.reason(), problem.message()));
    }

    /** Writes condition NetworkIsolated. */
    void show(Draft draft, World world) {
        var blocked = blocked(world);
        if (blocked.isPresent()) {
            draft.fails(
                    Conditions.NETWORK_ISOLATED,
                    blocked.get().reason(),
                    blocked.get().message());
        } else if (repairs.isEmpty()) {
            draft.holds(
                    Conditions.NETWORK_ISOLATED, Reasons.POLICY_CREATED, "the policies of sandbox and namespace exist");
        } else {
            draft.fails(Conditions.NETWORK_ISOLATED, Reasons.APPLYING, "the policies are being written");
        }
    }

    private static Resolution.Blocked blocked(String reason, String message) {
        return new Resolution.Blocked(Conditions.NETWORK_ISOLATED, reason, message);
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
