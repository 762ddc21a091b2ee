package io.agenttier.controller.reconcile;

import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.plan.Action;
import io.agenttier.controller.plan.Adoption;
import io.agenttier.controller.plan.DesiredSecret;
import io.agenttier.controller.plan.Owned;
import io.agenttier.controller.plan.ResourceKind;
import java.util.function.Predicate;

/**
 * The Secret of one pod: made with a fresh key, deleted with the pod. One that exists already is never taken over: nobody can know whether a pod
 * had it, so the next plan gives the incarnation up.
 */
final class SecretStep {
    private final ObjectApi api;
    private final Predicate<String> ownerLives;
    private final Prepared prepared;
    private final Unclaimed unclaimed;
    private final PodCertificates certificates;

    SecretStep(
            ObjectApi api,
            Predicate<String> ownerLives,
            Prepared prepared,
            Unclaimed unclaimed,
            PodCertificates certificates) {
        this.api = api;
        this.ownerLives = ownerLives;
        this.prepared = prepared;
        this.unclaimed = unclaimed;
        this.certificates = certificates;
    }

    StepResult create(Sandbox sandbox, Action.CreateSecret wanted) {
        if (prepared.has(sandbox) && prepared.serves(sandbox, wanted)) {
            return StepResult.DONE;
        }
        var incarnation = wanted.incarnation();
        var made = certificates.take(incarnation);
        var secret = DesiredSecret.of(
                sandbox,
                incarnation,
                made.issued().certificatePem(),
                made.issued().keyPem(),
                made.authorities().trustBundle(),
                wanted.startPlan());
        return switch (api.create(ResourceKind.SECRET, sandbox.metadata().namespace(), secret)) {
            case ObjectApi.Created.Done _ -> {
                unclaimed.made(sandbox, incarnation);
                yield StepResult.DONE;
            }
            case ObjectApi.Created.Refused r when r.refusal().alreadyExists() -> inTheWay(sandbox, incarnation);
            case ObjectApi.Created.Refused r ->
                CreateStep.refused(ResourceKind.SECRET, name(sandbox, incarnation), r.refusal());
        };
    }

    private StepResult inTheWay(Sandbox sandbox, String incarnation) {
        var namespace = sandbox.metadata().namespace();
        var name = name(sandbox, incarnation);
        var found = api.metadata(ResourceKind.SECRET, namespace, name);
        if (found == null || found.getUid() == null) {
            return new StepResult.Later("the Secret is gone again");
        }
        var judged = CreateStep.judge(Adoption.of(found, sandbox, incarnation, ownerLives), ResourceKind.SECRET, name);
        return judged instanceof StepResult.Done
                ? new StepResult.Later("an earlier attempt made the Secret and perhaps a pod")
                : judged;
    }

    /** Deletes the Secret of {@code incarnation} if it is the sandbox's; done if there is none. */
    StepResult delete(Sandbox sandbox, String incarnation) {
        prepared.forget(sandbox);
        return remove(sandbox, incarnation);
    }

    /** The pod of the sandbox's present incarnation exists. */
    void claimed(Sandbox sandbox) {
        unclaimed.settled(sandbox);
    }

    /** Deletes what an earlier attempt made for a start that is over by now. */
    StepResult withdraw(Sandbox sandbox) {
        var left = unclaimed.of(sandbox);
        if (left.isEmpty()) {
            return StepResult.DONE;
        }
        var result = remove(sandbox, left.get());
        if (result instanceof StepResult.Done) {
            unclaimed.settled(sandbox);
        }
        return result;
    }

    private StepResult remove(Sandbox sandbox, String incarnation) {
        var namespace = sandbox.metadata().namespace();
        var name = name(sandbox, incarnation);
        var found = api.metadata(ResourceKind.SECRET, namespace, name);
        if (found == null || found.getUid() == null || !Owned.by(sandbox, found)) {
            return StepResult.DONE;
        }
        return DeleteStep.result(api.delete(ResourceKind.SECRET, namespace, name, found.getUid()));
    }

    private static String name(Sandbox sandbox, String incarnation) {
        return Names.secretName(sandbox.metadata().name(), incarnation);
    }
}
