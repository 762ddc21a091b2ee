package io.agenttier.controller.plan;

import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.ArrayList;
import java.util.List;

/**
 * How pods go: the Secret first, then the pod whose label names it. The other way round a crash in between would leave a Secret that nothing
 * names any more. A running pod does not need its Secret: the kubelet has read it.
 */
final class Deletions {
    private Deletions() {}

    static Plan of(
            SandboxStatus status,
            List<V1Pod> pods,
            boolean secretLeft,
            @org.jspecify.annotations.Nullable String incarnation) {
        var secrets = new ArrayList<Action>();
        var deletions = new ArrayList<Action>();
        for (var pod : pods) {
            if (!PodSet.incarnation(pod).isEmpty()) {
                secrets.add(new Action.DeleteSecret(PodSet.incarnation(pod)));
            }
            deletions.add(new Action.DeletePod(PodSet.name(pod), PodSet.uid(pod)));
        }
        if (secretLeft && incarnation != null) {
            var own = new Action.DeleteSecret(incarnation);
            if (!secrets.contains(own)) {
                secrets.add(own);
            }
        }
        return Plan.of(status, secrets, deletions);
    }
}
