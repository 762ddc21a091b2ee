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
    static Use of(SandboxStatus status, Report report, Instant now) {
        var written = status.lastActivityTimestamp() == null
                ? Instant.EPOCH
                : status.lastActivityTimestamp().toInstant();
        return switch (report) {
            case Report.None _ -> new Use(written, "");
            case Report.Silent s -> new Use(written, s.why());
            case Report.Told t when t.viewers() > 0 -> new Use(now, "");
            case Report.Told t -> {
                var told = t.lastActivity().isAfter(now) ? now : t.lastActivity();
                yield new Use(told.isAfter(written) ? told : written, "");
            }
        };
    }
}
