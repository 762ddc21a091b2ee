package io.agenttier.apiserver.telemetry;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a call of agent mode ended, for its metrics and its span.
 *
 * @param request span of the request that began it
 * @param namespace and name of the sandbox, as the caller sent them
 * @param user who asked; only a hash of it is told
 * @param template name of the resolved template; empty if there is none
 * @param outcome one of ours
 * @param exitCode null where nothing ran, or nobody knows
 * @param output null where nobody knows
 */
public record AgentEnd(
        RequestSpan request,
        String namespace,
        String name,
        String user,
        String template,
        String outcome,
        Instant began,
        Duration took,
        @Nullable Integer exitCode,
        @Nullable OutputBytes output) {

    boolean isGood() {
        return exitCode == null ? outcome.equals("ok") : exitCode == 0;
    }
}
