package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The newest snapshot taken before a stop.
 *
 * @param name Name of the VolumeSnapshot.
 * @param time When it was taken.
 * @param ready True once it can be restored.
 */
public record LastSnapshot(
        String name,
        @Nullable OffsetDateTime time,
        @Nullable Boolean ready) {
    public LastSnapshot {
        name = Wire.text(name);
    }
}
