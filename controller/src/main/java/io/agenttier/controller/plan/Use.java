package io.agenttier.controller.plan;

import io.agenttier.api.SandboxStatus;
import java.time.Instant;

/**
 * When a sandbox was used last, as far as is known.
 *
 * @param last the epoch if never
 * @param unasked why sandboxd could not be asked for use that is not written yet; empty if it was asked, or need not be
 */
record Use(Instant last, String unasked) {
    /** What status and daemon say together. The daemon's word is that of the sandbox: a time to come counts as now. */
    static Use of(SandboxStatus status, UseReport report, Instant now) {
        var written = status.lastActivityTimestamp() == null
                ? Instant.EPOCH
                : status.lastActivityTimestamp().toInstant();
        return switch (report) {
            case UseReport.None _ -> new Use(written, "");
            case UseReport.Silent s -> new Use(written, s.why());
            case UseReport.Told t when t.inUse() -> new Use(now, "");
            case UseReport.Told t -> {
                var told = t.lastUse().isAfter(now) ? now : t.lastUse();
                yield new Use(told.isAfter(written) ? told : written, "");
            }
        };
    }
}
