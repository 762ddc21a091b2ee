package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The last run of a hook.
 *
 * @param hook Which hook ran.
 * @param occurrence Tells this run from others of the same hook in the same pod; absent for a hook that runs once.
 * @param outcome How it ended.
 * @param message How it ended in words, with the end of its output.
 * @param time When its end was noted.
 */
public record HookStatus(
        String hook,
        @Nullable String occurrence,
        String outcome,
        @Nullable String message,
        @Nullable OffsetDateTime time) {
    public HookStatus {
        hook = Wire.text(hook);
        outcome = Wire.text(outcome);
    }
}
