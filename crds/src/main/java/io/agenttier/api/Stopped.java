package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The last change to Stopped or Error.
 *
 * @param time When it stopped.
 * @param reason Why: Requested, IdleTimeout, MaxRuntimeReached, ShutdownTime, ApplicationExited or the reason of
 *     the failure.
 * @param by Who asked for it; absent when nobody did.
 */
public record Stopped(
        @Nullable OffsetDateTime time,
        String reason,
        @Nullable String by) {
    public Stopped {
        reason = Wire.text(reason);
    }
}
