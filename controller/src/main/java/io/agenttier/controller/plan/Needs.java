package io.agenttier.controller.plan;

import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplatePower;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has to be asked of the API server beside the caches before a plan can be made.
 *
 * @param runtimeClass whose existence matters now
 * @param serviceAccount whose token setting matters now
 * @param uses ClusterSandboxTemplates which the sandbox's maker has to be allowed to use now
 * @param secret whether it matters if the Secret of {@code status.incarnation} still exists
 * @param pod whether the pod of {@code status.podName} has to be looked up, since the caches know of none
 * @param services that network rules name, those of the present start too
 */
public record Needs(
        @Nullable String runtimeClass,
        @Nullable String serviceAccount,
        List<String> uses,
        boolean secret,
        boolean pod,
        Set<ServiceName> services) {
    public Needs {
        services = Set.copyOf(services);
    }

    /**
     * @param policy the sandbox's own
     * @param justReserved the incarnation in status was made a moment ago by the caller, so nothing can carry it yet
     */
    public static Needs of(
            Sandbox sandbox,
            TemplateChain templates,
            List<V1Pod> pods,
            @Nullable V1NetworkPolicy policy,
            boolean justReserved,
            ClusterSettings settings) {
        var status = sandbox.statusOrEmpty();
        var stopWanted = sandbox.spec().wantedPower() == PowerState.STOPPED;
        var asks = status.incarnation() != null && !justReserved;
        var secret = asks && (pods.isEmpty() || Run.isFailed(sandbox));
        var pod = asks && pods.isEmpty() && status.podName() != null;
        // one that is terminating may get a successor beside it, as on a lost node
        var starts = !stopWanted && pods.stream().noneMatch(Needs::isLive);
        var uses = starts ? TemplatePower.needed(templates) : List.<String>of();
        if (stopWanted) {
            return new Needs(null, null, uses, secret, pod, Set.of());
        }
        var effective = Merge.effective(sandbox.spec(), templates.layer(), settings.defaults());
        var home = sandbox.metadata().namespace();
        var services = new HashSet<>(ServiceName.in(effective.network(), home));
        KeptNetwork.of(policy)
                .ifPresent(kept -> services.addAll(
                        ServiceName.in(kept.effective(sandbox, settings).network(), home)));
        return pods.isEmpty()
                ? new Needs(
                        effective.spec().runtimeClass(), effective.spec().serviceAccount(), uses, secret, pod, services)
                : new Needs(null, null, uses, secret, pod, services);
    }

    private static boolean isLive(V1Pod pod) {
        return pod.getMetadata() == null || !Owned.isTerminating(pod.getMetadata());
    }
}
