package io.agenttier.apiserver.kube;

import io.agenttier.api.Conditions;
import io.agenttier.api.GoDuration;
import io.agenttier.api.Labels;
import io.agenttier.api.PowerState;
import io.agenttier.api.Reasons;
import io.agenttier.apiserver.resource.Lifecycle;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** When a sandbox stops by itself and starts again, as its object and its pods say. Pure. */
final class LifecycleOf {
    private LifecycleOf() {}

    static Lifecycle sandbox(SandboxObject sandbox, Collection<V1Pod> pods) {
        var spec = sandbox.spec();
        var status = sandbox.status();
        var stopped = status.stopped();
        var stoppedAt = SandboxStates.stoppedAt(status);
        var startedAt = instant(status.startedAt());
        var requestedAt = instant(spec.startRequestedAt());
        boolean runWanted = !PowerState.STOPPED.wire().equals(spec.powerState());
        return new Lifecycle(
                Boolean.TRUE.equals(spec.autoResume()),
                stopped == null ? "" : stopped.reason(),
                runWanted && isAfter(requestedAt, stoppedAt),
                !runWanted && !isAfter(startedAt, stoppedAt),
                idleTimeout(spec, pods),
                instant(status.lastActivityTimestamp()),
                Conditions.find(status.conditions(), Conditions.STORAGE_READY)
                        .filter(c -> c.reason().equals(Reasons.VOLUME_LOST))
                        .isPresent());
    }

    /** What is worth keeping of a pod's annotations. */
    static Map<String, String> annotations(V1ObjectMeta pod) {
        var value = pod.getAnnotations() == null ? null : pod.getAnnotations().get(Labels.IDLE_TIMEOUT);
        return value == null ? Map.of() : Map.of(Labels.IDLE_TIMEOUT, value);
    }

    /** That of the sandbox itself, else what its pod was started with. */
    private static @Nullable Duration idleTimeout(SandboxObject.Spec spec, Collection<V1Pod> pods) {
        var text = spec.idleTimeout() != null
                ? spec.idleTimeout()
                : pods.stream()
                        .map(V1Pod::getMetadata)
                        .filter(Objects::nonNull)
                        .map(m -> annotations(m).get(Labels.IDLE_TIMEOUT))
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
        return GoDuration.parse(text).filter(Duration::isPositive).orElse(null);
    }

    private static boolean isAfter(@Nullable Instant instant, @Nullable Instant other) {
        return instant != null && (other == null || instant.isAfter(other));
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
