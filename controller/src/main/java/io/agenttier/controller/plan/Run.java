package io.agenttier.controller.plan;

import io.agenttier.api.Phase;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.Stopped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How status, powerState and startRequestedAt tell one run of a sandbox from the next. */
final class Run {
    /** Creation times have whole seconds: within this time the controller's own note of the start is the better one. */
    private static final Duration CREATION_PRECISION = Duration.ofSeconds(1);

    private Run() {}

    /** The run of {@code status.startedAt} has ended, as {@code status.stopped} says; what comes next is a new start. */
    static boolean isOver(SandboxStatus status) {
        var stopped = status.stopped();
        if (stopped == null) {
            return false;
        }
        return status.startedAt() == null
                || stopped.time() == null
                || !stopped.time().isBefore(status.startedAt());
    }

    /** It ended in Error and nobody asked for a start since. A sandbox that reached Stopped is left by its power state alone. */
    static boolean isFailed(Sandbox sandbox) {
        var status = sandbox.statusOrEmpty();
        return isOver(status)
                && !isPhase(status, Phase.STOPPED)
                && Phase.failedForGood(status.stopped(), sandbox.spec().startRequestedAt(), PowerState.RUNNING);
    }

    static boolean isPhase(SandboxStatus status, Phase phase) {
        return Phase.parse(status.phase()).equals(Optional.of(phase));
    }

    /** When the start that just became Ready was asked for: by the creation, by a resume, or by a change of powerState. */
    static Instant requestedAt(Sandbox sandbox, Instant now) {
        var status = sandbox.statusOrEmpty();
        var started = status.startedAt() == null ? now : status.startedAt().toInstant();
        Stopped before = status.stopped();
        if (before == null) {
            return notLaterThan(creation(sandbox, started), started);
        }
        var requested = sandbox.spec().startRequestedAt();
        return requested != null && Phase.startRequestedAfter(before, requested)
                ? earlier(requested.toInstant(), started)
                : started;
    }

    /** The latest of creation, start request and automatic restart: deadlines of this attempt count from here. */
    static Instant attemptBegan(Sandbox sandbox) {
        var latest = creation(sandbox, Instant.EPOCH);
        latest = later(latest, sandbox.spec().startRequestedAt());
        latest = later(latest, sandbox.statusOrEmpty().startedAt());
        return later(latest, sandbox.statusOrEmpty().lastRestartTime());
    }

    private static Instant notLaterThan(Instant creation, Instant started) {
        return Duration.between(creation, started).compareTo(CREATION_PRECISION) < 0 ? started : creation;
    }

    private static Instant creation(Sandbox sandbox, Instant orElse) {
        var creation = sandbox.metadata().creationTimestamp();
        return creation == null ? orElse : creation.toInstant();
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant instant, @Nullable OffsetDateTime other) {
        return other == null || instant.isAfter(other.toInstant()) ? instant : other.toInstant();
    }
}
