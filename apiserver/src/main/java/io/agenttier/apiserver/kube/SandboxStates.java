package io.agenttier.apiserver.kube;

import io.agenttier.api.Conditions;
import io.agenttier.api.Labels;
import io.agenttier.api.Mode;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.agenttier.apiserver.resource.AgentState;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** From Kubernetes objects to the state of a sandbox, and what of the objects is worth keeping for that. Pure. */
final class SandboxStates {
    private static final String NOT_SEEN_YET = "Creating";
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private SandboxStates() {}

    /** @param pods candidates; those of another owner and those whose containers have all ended are left out */
    static SandboxState of(SandboxObject sandbox, Collection<V1Pod> pods) {
        var metadata = sandbox.getMetadata();
        var uid = text(metadata.getUid());
        var status = sandbox.status();
        var phase = text(status.phase());
        var own = pods.stream()
                .filter(pod -> ownerUid(pod).equals(Optional.of(uid)))
                .filter(pod -> !ENDED.contains(text(status(pod).getPhase())))
                .toList();
        return new SandboxState(
                text(metadata.getNamespace()),
                text(metadata.getName()),
                uid,
                phase.isEmpty() ? NOT_SEEN_YET : phase,
                metadata.getDeletionTimestamp() != null,
                stoppedAt(status),
                own.stream().map(SandboxStates::pod).toList(),
                LifecycleOf.sandbox(sandbox, own),
                ports(sandbox),
                agent(status));
    }

    private static AgentState agent(SandboxStatus status) {
        if (!Mode.AGENT.wire().equals(status.mode())) {
            return AgentState.CODE;
        }
        boolean ephemeral = Conditions.find(status.conditions(), Conditions.STORAGE_READY)
                .filter(condition -> Reasons.EPHEMERAL.equals(condition.reason()))
                .isPresent();
        return AgentState.agent(
                text(status.resolvedTemplate()), ephemeral, status.resolvedAgentSpec(), status.agentConfigure());
    }

    /** Its own, and those of its template as the controller reports them. */
    private static SortedSet<Integer> ports(SandboxObject sandbox) {
        var ports = new TreeSet<Integer>();
        list(sandbox.spec().ports()).forEach(port -> ports.add(port.port()));
        sandbox.status().forwardedPorts().forEach(port -> ports.add(port.port()));
        return ports;
    }

    /** Uid of the controller owner. */
    static Optional<String> ownerUid(V1Pod pod) {
        return list(metadata(pod).getOwnerReferences()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(V1OwnerReference::getUid)
                .filter(uid -> uid != null && !uid.isEmpty())
                .findFirst();
    }

    /** Metadata and status alone, without what only other programs read: half of a cluster's memory is managedFields. */
    static SandboxObject slim(SandboxObject sandbox) {
        return new SandboxObject(slim(sandbox.getMetadata()), sandbox.spec(), sandbox.status());
    }

    static V1Pod slim(V1Pod pod) {
        var status = status(pod);
        return new V1Pod()
                .metadata(slim(metadata(pod)).annotations(LifecycleOf.annotations(metadata(pod))))
                .status(new V1PodStatus()
                        .phase(status.getPhase())
                        .podIP(status.getPodIP())
                        .conditions(list(status.getConditions()).stream()
                                .filter(condition -> "Ready".equals(condition.getType()))
                                .toList()));
    }

    private static V1ObjectMeta slim(V1ObjectMeta metadata) {
        return new V1ObjectMeta()
                .namespace(metadata.getNamespace())
                .name(metadata.getName())
                .uid(metadata.getUid())
                .resourceVersion(metadata.getResourceVersion())
                .deletionTimestamp(metadata.getDeletionTimestamp())
                .labels(metadata.getLabels())
                .ownerReferences(metadata.getOwnerReferences());
    }

    private static SandboxState.Pod pod(V1Pod pod) {
        var labels = metadata(pod).getLabels();
        return new SandboxState.Pod(
                text(metadata(pod).getName()),
                text(status(pod).getPodIP()),
                text((labels == null ? Map.<String, String>of() : labels).get(Labels.INCARNATION)),
                list(status(pod).getConditions()).stream().anyMatch(SandboxStates::isReady),
                metadata(pod).getDeletionTimestamp() != null);
    }

    private static boolean isReady(V1PodCondition condition) {
        return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
    }

    static @Nullable Instant stoppedAt(SandboxStatus status) {
        var stopped = status.stopped();
        return stopped == null || stopped.time() == null ? null : stopped.time().toInstant();
    }

    private static V1ObjectMeta metadata(V1Pod pod) {
        var metadata = pod.getMetadata();
        return metadata == null ? new V1ObjectMeta() : metadata;
    }

    private static V1PodStatus status(V1Pod pod) {
        var status = pod.getStatus();
        return status == null ? new V1PodStatus() : status;
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
