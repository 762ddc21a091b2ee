package io.agenttier.apiserver.resource;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What decides when a sandbox stops by itself and starts again.
 *
 * @param autoResume a call may start it after an idle stop
 * @param stoppedReason {@code status.stopped.reason}; empty if it never stopped
 * @param startRequested a start was asked for after that stop
 * @param stopping it is still ending by that stop
 * @param idleTimeout longest time without use; null if endless
 * @param lastActivity last use that is written, or null
 * @param volumeLost its volume is gone, so that it does not start
 */
public record Lifecycle(
        boolean autoResume,
        String stoppedReason,
        boolean startRequested,
        boolean stopping,
        @Nullable Duration idleTimeout,
        @Nullable Instant lastActivity,
        boolean volumeLost) {
    /** Of a sandbox that runs for ever. */
    public static final Lifecycle ENDLESS = new Lifecycle(false, "", false, false, null, null, false);
}
