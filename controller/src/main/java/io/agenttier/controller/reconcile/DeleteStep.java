package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.plan.Refusal;
import io.agenttier.controller.plan.ResourceKind;
import java.util.Optional;

/** Deletes exactly the object that was meant. */
final class DeleteStep {
    private final ObjectApi api;

    DeleteStep(ObjectApi api) {
        this.api = api;
    }

    StepResult run(Sandbox sandbox, ResourceKind kind, String name, String uid) {
        return result(api.delete(kind, sandbox.metadata().namespace(), name, uid));
    }

    /** Takes a pod out of the API without waiting for its node. */
    StepResult now(Sandbox sandbox, String name, String uid) {
        return result(api.deletePodNow(sandbox.metadata().namespace(), name, uid));
    }

    /** Gone already, or another object by that name meanwhile: what was meant is not there, which is what was wanted. */
    static StepResult result(Optional<Refusal> refusal) {
        return refusal.filter(r -> !r.notFound() && !r.conflict())
                .<StepResult>map(r -> new StepResult.Later("a delete was refused: " + r.message()))
                .orElse(StepResult.DONE);
    }
}
