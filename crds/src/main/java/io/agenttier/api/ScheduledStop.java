package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * An automatic stop that is coming.
 *
 * @param time When it will stop.
 * @param reason Why it will stop.
 */
public record ScheduledStop(@Nullable OffsetDateTime time, String reason) {
    public ScheduledStop {
        reason = Wire.text(reason);
    }
}
