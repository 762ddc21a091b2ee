package io.agenttier.controller.plan;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ObjectMeta;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the hook onStop of a pod went that has ended.
 *
 * @param sandbox the pod's, known by name and uid alone
 */
public record LastHook(Sandbox sandbox, String podUid, Transitions.Note note) {
    /** Empty while the pod runs, and if it has no such hook. */
    public static Optional<LastHook> of(V1Pod pod) {
        var of = pod.getMetadata();
        var owner = Owned.controllerOf(of).filter(o -> Sandbox.KIND.equals(o.getKind()));
        var result = PodObservation.lastHook(pod);
        if (of == null || owner.isEmpty() || result.isEmpty()) {
            return Optional.empty();
        }
        var namespace = of.getNamespace();
        var metadata = new ObjectMeta(
                owner.get().getName(),
                namespace == null ? "" : namespace,
                owner.get().getUid(),
                "",
                0,
                null,
                null,
                Map.of(),
                Map.of(),
                List.of(),
                List.of());
        var hook = HarnessPlan.lastHook(result.get(), Instant.EPOCH);
        return Optional.of(new LastHook(
                new Sandbox(ApiGroup.API_VERSION, Sandbox.KIND, metadata, SandboxSpec.EMPTY, null),
                PodSet.uid(pod),
                Transitions.hook(hook)));
    }
}
