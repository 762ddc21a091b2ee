package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of the last configuration of the agent.
 *
 * @param lastConfiguredAt When it ended.
 * @param installCommandHash SHA-256 of the install command, 64 hex digits.
 * @param entrypoint Program and arguments that invocations run.
 * @param installExitCode Exit code of the installation.
 * @param installLogConfigMapRef ConfigMap with the output of the installation.
 * @param maxConcurrentInvokes Invocations that may run at the same time after the policy was applied; 0 =
 *     unlimited.
 * @param defaultInvokeTimeoutSeconds Run time of an invocation that names none, in seconds.
 * @param incarnation Pod in which it ran; with ephemeral storage what it installed ended with that pod.
 */
public record AgentConfigure(
        @Nullable OffsetDateTime lastConfiguredAt,
        @Nullable String installCommandHash,
        List<String> entrypoint,
        @Nullable Integer installExitCode,
        @Nullable InstallLogRef installLogConfigMapRef,
        @Nullable Integer maxConcurrentInvokes,
        @Nullable Integer defaultInvokeTimeoutSeconds,
        @Nullable String incarnation) {
    public AgentConfigure {
        entrypoint = Wire.list(entrypoint);
    }
}
