package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Whether a sandbox may be stopped or resumed now, and when a start was asked for. Pure. */
final class PowerRules {
    private PowerRules() {}

    /** The refusal of a stop; empty if it may be stopped. */
    static Optional<ApiError> refuseStop(SandboxState state) {
        if (state.deleting()) {
            return Optional.of(refusal(state, "Deleting", "stop", "Running or Error", "it cannot be used any more"));
        }
        return switch (state.phase()) {
            case "Running", "Error" -> Optional.empty();
            case "Stopped" ->
                Optional.of(refusal(
                        state,
                        "Stopped",
                        "stop",
                        "Running or Error",
                        "nothing is to be done, \"kubectl sandbox resume %s\" starts it".formatted(state.name())));
            default ->
                Optional.of(refusal(
                        state,
                        state.phase(),
                        "stop",
                        "Running or Error",
                        ("run \"kubectl wait --for=condition=Ready sandbox/%s\" first, "
                                        + "or set spec.powerState to Stopped, which has no wrong moment")
                                .formatted(state.name())));
        };
    }

    /** The refusal of a resume; empty if it may be resumed. */
    static Optional<ApiError> refuseResume(SandboxState state, boolean newVolume) {
        if (state.deleting()) {
            return Optional.of(refusal(state, "Deleting", "resume", "Stopped or Error", "it cannot be used any more"));
        }
        if (newVolume && state.lifecycle().volumeLost()) {
            return Optional.empty();
        }
        return switch (state.phase()) {
            case "Stopped", "Error" -> Optional.empty();
            case "Running" ->
                Optional.of(refusal(
                        state,
                        "Running",
                        "resume",
                        "Stopped or Error",
                        "nothing is to be done, \"kubectl sandbox stop %s\" stops it".formatted(state.name())));
            default ->
                Optional.of(refusal(
                        state,
                        state.phase(),
                        "resume",
                        "Stopped or Error",
                        "it is starting already, run \"kubectl wait --for=condition=Ready sandbox/%s\""
                                .formatted(state.name())));
        };
    }

    /** Later than the last stop even if our clock is behind the one that recorded it: else the start would not be seen. */
    static Instant startRequestedAt(SandboxState state, Instant now) {
        var stopped = state.stoppedAt();
        var time = stopped == null || now.isAfter(stopped) ? now : stopped.plus(Duration.ofSeconds(1));
        var whole = time.truncatedTo(ChronoUnit.MILLIS);
        return stopped != null && !whole.isAfter(stopped) ? whole.plusMillis(1) : whole;
    }

    private static ApiError refusal(SandboxState state, String phase, String call, String needs, String remedy) {
        return new ApiError.Conflict(
                "sandboxes",
                state.name(),
                "sandbox \"%s\" is %s, %s needs %s: %s".formatted(state.name(), phase, call, needs, remedy));
    }
}
