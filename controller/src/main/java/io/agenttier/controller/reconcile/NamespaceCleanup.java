package io.agenttier.controller.reconcile;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.plan.ResourceKind;

/**
 * Removes the policy that closes a namespace together with the last sandbox and pod of it, judged by live reads. Should a sandbox appear in
 * the same moment, its own policy, which stands before its pod and has no gap, closes that pod until the other one is made again.
 */
final class NamespaceCleanup {
    private final Caches caches;
    private final ObjectApi api;

    NamespaceCleanup(Caches caches, ObjectApi api) {
        this.caches = caches;
        this.api = api;
    }

    void run(String namespace) {
        var policy = caches.policies().get(namespace, Names.DEFAULT_DENY);
        if (policy == null
                || policy.getMetadata() == null
                || policy.getMetadata().getUid() == null) {
            return;
        }
        var inUse = !caches.sandboxes().inNamespace(namespace).isEmpty()
                || api.any(ResourceKind.SANDBOX, namespace, "")
                || api.any(ResourceKind.POD, namespace, Labels.MANAGED + "=" + Labels.TRUE);
        if (!inUse) {
            api.delete(
                    ResourceKind.NETWORK_POLICY,
                    namespace,
                    Names.DEFAULT_DENY,
                    policy.getMetadata().getUid());
        }
    }
}
