package io.agenttier.controller.plan;

import io.agenttier.api.GoDuration;
import io.agenttier.api.Labels;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.merge.Merge;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long a sandbox may run and stay. Null is endless.
 *
 * @param timeout longest run
 * @param idleTimeout longest time without use
 * @param shutdownTime when {@code shutdownPolicy} acts
 * @param deletedAtShutdown whether the sandbox is deleted then, else stopped
 * @param keptAfterStop how long it stays once it is Stopped
 */
record Lifetime(
        @Nullable Duration timeout,
        @Nullable Duration idleTimeout,
        @Nullable Instant shutdownTime,
        boolean deletedAtShutdown,
        @Nullable Duration keptAfterStop) {
    private static final String DELETE = "Delete";

    /** Longer than any cluster lives, and short enough to be added to any time. */
    private static final long SECONDS_MAX = Duration.ofDays(366L * 100).toSeconds();

    /**
     * What the sandbox itself says acts at once. Below it holds what its pod was started with: an edited template never reaches a running pod.
     *
     * @param pod the one that runs, if any
     */
    static Lifetime of(World world, @Nullable V1Pod pod, ClusterSettings settings) {
        var spec = world.sandbox().spec();
        var effective = Merge.effective(spec, world.templates().layer(), settings.defaults())
                .spec();
        var timeout = nearest(spec.timeout(), pod, Labels.TIMEOUT, effective.timeout());
        var idleTimeout = nearest(spec.idleTimeout(), pod, Labels.IDLE_TIMEOUT, effective.idleTimeout());
        return new Lifetime(
                duration(timeout),
                duration(idleTimeout),
                spec.shutdownTime() == null ? null : spec.shutdownTime().toInstant(),
                DELETE.equals(spec.shutdownPolicy()),
                keptAfterStop(spec));
    }

    private static @Nullable String nearest(
            @Nullable String own, @Nullable V1Pod pod, String annotation, @Nullable String below) {
        if (own != null) {
            return own;
        }
        var annotations = pod == null || pod.getMetadata() == null
                ? null
                : pod.getMetadata().getAnnotations();
        var started = annotations == null ? null : annotations.get(annotation);
        return started != null ? started : below;
    }

    private static @Nullable Duration duration(@Nullable String text) {
        return GoDuration.parse(text)
                .filter(d -> d.isPositive() && d.toSeconds() <= SECONDS_MAX)
                .orElse(null);
    }

    private static @Nullable Duration keptAfterStop(SandboxSpec spec) {
        return Optional.ofNullable(spec.ttlSecondsAfterStopped())
                .filter(s -> s >= 0 && s <= SECONDS_MAX)
                .map(Duration::ofSeconds)
                .orElse(null);
    }
}
