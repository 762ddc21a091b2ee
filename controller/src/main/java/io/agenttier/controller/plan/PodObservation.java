package io.agenttier.controller.plan;

import io.agenttier.api.Names;
import io.agenttier.api.Reasons;
import io.agenttier.controller.sandboxd.FinalRecord;
import io.agenttier.controller.sandboxd.HookResult;
import io.kubernetes.client.openapi.models.V1ContainerStateTerminated;
import io.kubernetes.client.openapi.models.V1ContainerStateWaiting;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a pod's state: from container {@code sandbox}, never from the pod's phase alone, since other containers may go on. */
final class PodObservation {
    private static final Set<String> PULL_FAILURES =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable");
    private static final Set<String> CONFIG_FAILURES =
            Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError");

    /** Only a sidecar can be in it: nothing else is started again. */
    private static final String CRASH_LOOP = "CrashLoopBackOff";

    private PodObservation() {}

    /** @param nodeAnswers whether the named node is known to answer; pods without a node are not affected */
    static PodState of(V1Pod pod, boolean nodeAnswers) {
        var status = pod.getStatus() == null ? new V1PodStatus() : pod.getStatus();
        var sandbox = container(status.getContainerStatuses());
        var ended = sandbox.map(s -> s.getState() == null ? null : s.getState().getTerminated());
        if (ended.isPresent()) {
            return ended(status, ended.get());
        }
        if ("Failed".equals(status.getPhase()) || "Succeeded".equals(status.getPhase())) {
            return failedInit(status).orElseGet(() -> endedWithoutContainer(status));
        }
        var node = pod.getSpec() == null || pod.getSpec().getNodeName() == null
                ? ""
                : pod.getSpec().getNodeName();
        if (!node.isEmpty() && !nodeAnswers) {
            return new PodState.NodeLost(node);
        }
        if (condition(status, "Ready").filter(c -> "True".equals(c.getStatus())).isPresent()) {
            return new PodState.Ready(node);
        }
        return waiting(status, sandbox, node);
    }

    /** How the hook onStop of a pod went that has ended; empty while it runs, and if it has no such hook. */
    static Optional<HookResult> lastHook(V1Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .flatMap(s -> container(s.getContainerStatuses()))
                .flatMap(c -> Optional.ofNullable(c.getState()))
                .flatMap(s -> Optional.ofNullable(s.getTerminated()))
                .flatMap(t -> FinalRecord.parse(t.getMessage()))
                .flatMap(FinalRecord::onStop)
                .filter(r -> r.outcome() != HookResult.Outcome.ABSENT);
    }

    /** Why the cluster takes the pod away, as its condition DisruptionTarget says. */
    static Optional<String> disruption(V1Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .flatMap(s -> condition(s, "DisruptionTarget"))
                .filter(c -> "True".equals(c.getStatus()))
                .map(c -> c.getReason() + suffix(c.getMessage()));
    }

    private static PodState waiting(V1PodStatus status, Optional<V1ContainerStatus> sandbox, String node) {
        var scheduled = condition(status, "PodScheduled");
        if (node.isEmpty()) {
            return scheduled
                    .filter(c -> "Unschedulable".equals(c.getReason()))
                    .<PodState>map(c -> new PodState.Starting(
                            Reasons.UNSCHEDULABLE, "no node takes the pod: " + text(c.getMessage())))
                    .orElse(new PodState.Starting(Reasons.SCHEDULING, "the pod waits for a node"));
        }
        if (sandbox.filter(s -> Boolean.TRUE.equals(s.getReady())).isPresent()) {
            return beside(status);
        }
        var stuck = firstStuck(status.getInitContainerStatuses()).or(() -> firstStuck(status.getContainerStatuses()));
        if (stuck.isPresent()) {
            return stuck.get();
        }
        var running = sandbox.filter(s -> s.getState() != null && s.getState().getRunning() != null);
        if (running.isEmpty()) {
            return new PodState.Starting(
                    Reasons.PULLING_IMAGE,
                    "volumes are mounted and images pulled on node " + node
                            + "; if this lasts, the events of the pod say what it waits for");
        }
        return new PodState.Unready("sandboxd runs but is not ready");
    }

    /** Container {@code sandbox} is ready and the pod is not: something beside it is the matter. */
    private static PodState beside(V1PodStatus status) {
        var containers = status.getInitContainerStatuses() == null
                ? List.<V1ContainerStatus>of()
                : status.getInitContainerStatuses();
        for (var container : containers) {
            var waiting =
                    container.getState() == null ? null : container.getState().getWaiting();
            if (waiting != null) {
                return new PodState.SidecarDown(
                        "sidecar " + container.getName() + ": " + explain(waiting),
                        CRASH_LOOP.equals(waiting.getReason()));
            }
        }
        return new PodState.SidecarDown("a sidecar is not ready", false);
    }

    private static Optional<PodState> firstStuck(@Nullable List<V1ContainerStatus> containers) {
        for (var container : containers == null ? List.<V1ContainerStatus>of() : containers) {
            var waiting =
                    container.getState() == null ? null : container.getState().getWaiting();
            var reason = waiting == null ? null : waiting.getReason();
            if (waiting == null || reason == null) {
                continue;
            }
            if (PULL_FAILURES.contains(reason)) {
                return Optional.of(new PodState.Stuck(
                        Reasons.IMAGE_PULL_FAILED, "image \"" + container.getImage() + "\": " + explain(waiting)));
            }
            if (CONFIG_FAILURES.contains(reason) || CRASH_LOOP.equals(reason)) {
                return Optional.of(new PodState.Stuck(
                        Reasons.CONFIG_ERROR, "container " + container.getName() + ": " + explain(waiting)));
            }
        }
        return Optional.empty();
    }

    private static PodState ended(V1PodStatus status, V1ContainerStateTerminated ended) {
        if ("OOMKilled".equals(ended.getReason())) {
            return new PodState.Failed("OOMKilled", "the sandbox used more memory than its limit and was killed");
        }
        if ("Evicted".equals(status.getReason()) || "Preempting".equals(status.getReason())) {
            return endedWithoutContainer(status);
        }
        var found = FinalRecord.parse(ended.getMessage());
        if (found.isEmpty()) {
            return new PodState.Failed(
                    "NoFinalRecord",
                    "container sandbox ended with code " + ended.getExitCode()
                            + " but sandboxd left no final record, so this is not the application's exit"
                            + suffix(ended.getReason()));
        }
        var record = found.get();
        return switch (record.reason()) {
            case COMMAND_EXITED -> new PodState.ApplicationExited(record.code(), record.signal());
            case INIT_SCRIPT_FAILED ->
                new PodState.StartFailed(Reasons.INIT_SCRIPT_FAILED, "the start failed: " + record.message());
            case INVALID_PLAN ->
                new PodState.StartFailed(
                        Reasons.CONFIG_ERROR, "sandboxd could not follow its start plan: " + record.message());
            case TERMINATED ->
                new PodState.Failed(
                        "Terminated",
                        "sandboxd was told to end, as when a node shuts down or code in the sandbox sends its process 1 a TERM");
        };
    }

    /** The kubelet ended or refused the pod as a whole: eviction, preemption, admission. */
    private static PodState endedWithoutContainer(V1PodStatus status) {
        var cause = status.getReason() == null ? "PodEnded" : status.getReason();
        return new PodState.Failed(cause, "the pod was ended by the cluster" + suffix(status.getMessage()));
    }

    /** An init container of the user that failed. It is not tried again by itself, as an init script is not. */
    private static Optional<PodState> failedInit(V1PodStatus status) {
        if (status.getReason() != null || status.getInitContainerStatuses() == null) {
            return Optional.empty();
        }
        for (var container : status.getInitContainerStatuses()) {
            var ended =
                    container.getState() == null ? null : container.getState().getTerminated();
            if (ended != null
                    && ended.getExitCode() != 0
                    && !"OOMKilled".equals(ended.getReason())
                    && !PodLayout.INSTALLER.equals(container.getName())
                    && container.getRestartCount() == 0) {
                return Optional.of(new PodState.StartFailed(
                        Reasons.INIT_SCRIPT_FAILED,
                        "init container " + container.getName() + " exited with code " + ended.getExitCode()
                                + suffix(ended.getMessage())));
            }
        }
        return Optional.empty();
    }

    private static Optional<V1ContainerStatus> container(@Nullable List<V1ContainerStatus> statuses) {
        return statuses == null
                ? Optional.empty()
                : statuses.stream()
                        .filter(s -> Names.CONTAINER.equals(s.getName()))
                        .findFirst();
    }

    static Optional<V1PodCondition> condition(V1PodStatus status, String type) {
        return status.getConditions() == null
                ? Optional.empty()
                : status.getConditions().stream()
                        .filter(c -> type.equals(c.getType()))
                        .findFirst();
    }

    private static String explain(V1ContainerStateWaiting waiting) {
        return waiting.getReason() + suffix(waiting.getMessage());
    }

    private static String suffix(@Nullable String text) {
        return text == null || text.isEmpty() ? "" : " (" + text + ")";
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
