package io.agenttier.controller.reconcile;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.ObjectApi.Created;
import io.agenttier.controller.plan.Adoption;
import io.agenttier.controller.plan.DefaultDeny;
import io.agenttier.controller.plan.DesiredCredentials;
import io.agenttier.controller.plan.Obstacle;
import io.agenttier.controller.plan.PodSources;
import io.agenttier.controller.plan.Refusal;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.Transitions;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Creates an object, or goes on with the one that an earlier attempt made. */
final class CreateStep {
    private final ObjectApi api;
    private final Recent recent;
    private final Predicate<String> ownerLives;
    private final BiConsumer<Sandbox, Transitions.Note> events;

    /**
     * @param ownerLives whether a Sandbox with that uid exists
     * @param events where people are told
     */
    CreateStep(
            ObjectApi api, Recent recent, Predicate<String> ownerLives, BiConsumer<Sandbox, Transitions.Note> events) {
        this.api = api;
        this.recent = recent;
        this.ownerLives = ownerLives;
        this.events = events;
    }

    /** @param incarnation the one the object carries; empty for objects that are kept over stop and resume */
    StepResult run(Sandbox sandbox, ResourceKind kind, KubernetesObject object, String incarnation) {
        var namespace = sandbox.metadata().namespace();
        var name = object.getMetadata().getName() == null
                ? ""
                : object.getMetadata().getName();
        if (object instanceof V1Pod pod) {
            var unusable = unusableSource(namespace, name, pod);
            if (unusable.isPresent()) {
                return new StepResult.Blocked(unusable.get());
            }
        }
        return switch (api.create(kind, namespace, object)) {
            case Created.Done d -> {
                recent.created(kind, namespace, name, d.object());
                if (object instanceof V1Pod pod) {
                    DesiredCredentials.note(pod).ifPresent(note -> events.accept(sandbox, note));
                }
                yield StepResult.DONE;
            }
            case Created.Refused r when r.refusal().alreadyExists() -> adopt(sandbox, kind, object, name, incarnation);
            case Created.Refused r -> refused(kind, name, r.refusal());
        };
    }

    /**
     * What keeps a pod from being made of its Secrets and ConfigMaps. A Secret of AgentTier: admission tells them by their names alone and
     * judges when a spec changes; here the label counts, at every start. One that is missing: the kubelet would wait for it and tell only an
     * Event.
     */
    private Optional<Obstacle> unusableSource(String namespace, String podName, V1Pod pod) {
        for (var source : PodSources.of(pod)) {
            var found = api.metadata(source.kind(), namespace, source.name());
            if (found == null && source.required()) {
                return Optional.of(Obstacle.missing(podName, source.kind(), source.name()));
            }
            var labels = found == null ? null : found.getLabels();
            if (labels != null && labels.containsKey(Labels.SECRET_PURPOSE)) {
                return Optional.of(Obstacle.guarded(podName, source.name()));
            }
        }
        return Optional.empty();
    }

    private StepResult adopt(
            Sandbox sandbox, ResourceKind kind, KubernetesObject object, String name, String incarnation) {
        var namespace = sandbox.metadata().namespace();
        if (name.equals(Names.DEFAULT_DENY)) {
            return adoptDefaultDeny(namespace, object);
        }
        var found = api.get(kind, namespace, name, object.getClass());
        if (found == null) {
            return new StepResult.Later(kind.kind() + " is gone again");
        }
        var result = judge(Adoption.of(found.getMetadata(), sandbox, incarnation, ownerLives), kind, name);
        if (result instanceof StepResult.Done) {
            recent.created(kind, namespace, name, found);
        }
        return result;
    }

    /**
     * Belongs to the namespace, not to one sandbox: whoever made it, it has to close. One that does is left as it is, since all sandboxes that start
     * at once in a new namespace come here and would take it from each other.
     */
    private StepResult adoptDefaultDeny(String namespace, KubernetesObject wanted) {
        var kind = ResourceKind.NETWORK_POLICY;
        var found = api.get(kind, namespace, Names.DEFAULT_DENY, V1NetworkPolicy.class);
        if (found == null
                || found.getMetadata() == null
                || found.getMetadata().getDeletionTimestamp() != null
                || found.getMetadata().getResourceVersion() == null) {
            return new StepResult.Later("the policy that closes the namespace is going away");
        }
        if (DefaultDeny.closes(found)) {
            return StepResult.DONE;
        }
        return api.repair(kind, namespace, wanted, found.getMetadata().getResourceVersion())
                .<StepResult>map(r -> refused(kind, Names.DEFAULT_DENY, r))
                .orElse(StepResult.DONE);
    }

    static StepResult judge(Adoption adoption, ResourceKind kind, String name) {
        return switch (adoption) {
            case ADOPT -> StepResult.DONE;
            case WAIT -> new StepResult.Later("an older " + kind.kind() + " " + name + " is still there");
            case CONFLICT -> new StepResult.Blocked(Obstacle.foreign(kind, name));
        };
    }

    static StepResult refused(ResourceKind kind, String name, Refusal refusal) {
        if (refusal.namespaceEnding()) {
            return new StepResult.NamespaceEnding();
        }
        if (refusal.conflict() || refusal.passing()) {
            return new StepResult.Later(kind.kind() + " " + name + ": " + refusal.message());
        }
        return new StepResult.Blocked(Obstacle.refused(kind, name, refusal));
    }
}
