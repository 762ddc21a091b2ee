package io.agenttier.apiserver.resource;

import java.time.Duration;

/**
 * Limits of the calls.
 *
 * @param execBodyBytes body of an exec, stdin included; more is 413
 * @param execOutputBytes of each stream in a JSON answer; more sets {@code truncated}
 * @param fileBytes size of one file; more is 413
 * @param archiveBytes size of an archive that is extracted, as it comes; more is 413
 * @param startsAtOnce processes of all users that this replica starts at the same time; further ones wait, users by turns
 * @param terminalRetention how long the shell of a session is kept without a viewer, 30 s to 24 h
 */
public record ResourceLimits(
        long execBodyBytes,
        int execOutputBytes,
        long fileBytes,
        long archiveBytes,
        int startsAtOnce,
        Duration terminalRetention) {
    /** 16 MiB, 8 MiB, 5 GiB, 5 GiB, 8, 24 h. */
    public static final ResourceLimits DEFAULT =
            new ResourceLimits(16L << 20, 8 << 20, 5L << 30, 5L << 30, 8, Duration.ofHours(24));
}
