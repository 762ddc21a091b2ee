package io.agenttier.controller.plan;

import io.agenttier.api.Sandbox;
import io.agenttier.api.StopReason;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;

/**
 * Why the controller stopped a sandbox, noted in the same write as {@code spec.powerState}: so a stop and its reason are decided together or
 * not at all. It names the run that it ended, so that what is left of it says nothing about a later stop. Example: {@code
 * IdleTimeout@2026-01-01T00:00Z}.
 */
public final class AutomaticStop {
    public static final String ANNOTATION = "agenttier.io/automatic-stop";

    private static final Set<String> REASONS =
            Set.of(StopReason.IDLE_TIMEOUT, StopReason.MAX_RUNTIME_REACHED, StopReason.SHUTDOWN_TIME);

    private AutomaticStop() {}

    /** The annotation's value for a stop of the present run. */
    static String mark(Sandbox sandbox, String reason) {
        return reason + "@" + run(sandbox);
    }

    /** The reason, if the wanted power state was last written by such a stop of the present run. */
    static Optional<String> reason(Sandbox sandbox) {
        var mark = sandbox.metadata().annotations().get(ANNOTATION);
        return mark == null
                ? Optional.empty()
                : REASONS.stream().filter(r -> mark.equals(mark(sandbox, r))).findFirst();
    }

    private static String run(Sandbox sandbox) {
        OffsetDateTime started = sandbox.statusOrEmpty().startedAt();
        return started == null ? "" : started.toInstant().toString();
    }
}
