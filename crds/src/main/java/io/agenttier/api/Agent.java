package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contract of agent mode: what is installed and what an invocation runs.
 *
 * @param entrypoint Program and arguments that each invocation runs.
 * @param installCommand Program and arguments that install the agent.
 * @param workingDir Working directory of installation and invocations; /workspace when no layer sets it.
 * @param env Environment variables of installation and invocations only.
 * @param maxConcurrentInvokes Invocations that may run at the same time; 0 = unlimited.
 * @param defaultInvokeTimeout Run time of an invocation that names none; 30m when no layer sets it.
 */
public record Agent(
        List<String> entrypoint,
        List<String> installCommand,
        @Nullable String workingDir,
        List<EnvVar> env,
        @Nullable Integer maxConcurrentInvokes,
        @Nullable String defaultInvokeTimeout) {
    /** Says nothing. */
    public static final Agent EMPTY = new Agent(List.of(), List.of(), null, List.of(), null, null);

    public Agent {
        entrypoint = Wire.list(entrypoint);
        installCommand = Wire.list(installCommand);
        env = Wire.list(env);
    }
}
