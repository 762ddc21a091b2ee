package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Summary of a sandbox's conditions, {@code status.phase}. */
public enum Phase {
    CREATING("Creating"),
    RUNNING("Running"),
    STOPPED("Stopped"),
    ERROR("Error"),
    DELETING("Deleting");

    private static final Set<String> PLANNED_STOPS = Set.of(
            StopReason.REQUESTED, StopReason.IDLE_TIMEOUT, StopReason.MAX_RUNTIME_REACHED, StopReason.SHUTDOWN_TIME);

    private final String wire;

    Phase(String wire) {
        this.wire = wire;
    }

    /** The word on the wire. */
    public String wire() {
        return wire;
    }

    /** The phase of that word; empty when it is absent or unknown to this version. */
    public static Optional<Phase> parse(@Nullable String wire) {
        for (var phase : values()) {
            if (phase.wire.equals(wire)) return Optional.of(phase);
        }
        return Optional.empty();
    }

    /**
     * What the phase rests on.
     *
     * @param beingDeleted the sandbox has a deletion timestamp
     * @param failedForGood a permanent failure after which no start was requested
     * @param stopWanted the wanted power state is Stopped
     * @param podLeft a pod of the sandbox exists, be it terminating
     * @param podHasBeenReady the present pod lives and its condition Ready has been True
     */
    public record Facts(
            boolean beingDeleted,
            boolean failedForGood,
            boolean stopWanted,
            boolean podLeft,
            boolean podHasBeenReady) {}

    /** The first of Deleting, Error, Stopped, Running whose facts fit, else Creating. Stopped always means that no pod is left. */
    public static Phase of(Facts facts) {
        if (facts.beingDeleted()) return DELETING;
        if (facts.failedForGood()) return ERROR;
        if (facts.stopWanted() && !facts.podLeft()) return STOPPED;
        if (facts.podLeft() && facts.podHasBeenReady()) return RUNNING;
        return CREATING;
    }

    /**
     * Whether {@code stopped} tells of a failure that no later start request has answered. An application that ended counts as failed unless
     * Stopped is wanted: the controller writes that for exit code 0 only.
     */
    public static boolean failedForGood(
            @Nullable Stopped stopped, @Nullable OffsetDateTime startRequestedAt, PowerState wanted) {
        if (stopped == null || PLANNED_STOPS.contains(stopped.reason())) return false;
        if (stopped.reason().equals(StopReason.APPLICATION_EXITED) && wanted == PowerState.STOPPED) return false;
        return !startRequestedAfter(stopped, startRequestedAt);
    }

    /** Whether a start was asked for after the last stop or failure, so that Stopped and Error are left. */
    public static boolean startRequestedAfter(Stopped stopped, @Nullable OffsetDateTime startRequestedAt) {
        if (startRequestedAt == null) return false;
        var time = stopped.time();
        return time == null || startRequestedAt.isAfter(time);
    }
}
