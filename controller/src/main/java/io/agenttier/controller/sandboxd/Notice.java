package io.agenttier.controller.sandboxd;

import java.time.Instant;
import java.util.Optional;

/**
 * Tells who is in a sandbox what is coming.
 *
 * @param stop the stop that is coming; empty takes back what was told
 */
public record Notice(Optional<Stop> stop) {
    /**
     * A stop.
     *
     * @param reason for example {@code IdleTimeout}
     * @param text one line for people, at most 1,024 bytes
     */
    public record Stop(String reason, String text, Instant at) {}
}
