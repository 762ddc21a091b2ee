package io.agenttier.apiserver.resource;

import java.time.Duration;

/**
 * Limits of agent mode.
 *
 * @param configure of the files of a configuration
 * @param invokeBodyBytes body of an invocation, which is its standard input; more is 413
 * @param invokeOutputBytes of each stream in a JSON answer; more sets {@code truncated}
 * @param maxInvokeTimeout longest that any invocation may take
 * @param installTimeout longest that an installation may take
 * @param streamFor after which an answer ends and its client goes on by {@code log}: kube-apiserver would cut it soon after
 */
public record AgentLimits(
        ConfigureLimits configure,
        long invokeBodyBytes,
        int invokeOutputBytes,
        Duration maxInvokeTimeout,
        Duration installTimeout,
        Duration streamFor) {
    /** Those of {@link ConfigureLimits#DEFAULT}, 16 MiB, 8 MiB, 24 h, 15 min, 40 s. */
    public static final AgentLimits DEFAULT = new AgentLimits(
            ConfigureLimits.DEFAULT,
            16L << 20,
            8 << 20,
            Duration.ofHours(24),
            Duration.ofMinutes(15),
            Duration.ofSeconds(40));
}
