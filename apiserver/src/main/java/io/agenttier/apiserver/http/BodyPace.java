package io.agenttier.apiserver.http;

import java.time.Duration;

/**
 * How slowly a body may come. Only time in which its reader waits is counted. Pure.
 *
 * @param stall longest wait for a byte
 * @param bytesPerSecond least average once {@code stall} has passed; 0 for none
 */
record BodyPace(Duration stall, int bytesPerSecond) {
    /**
     * The longest wait for the next byte; not positive if the body is too slow already.
     *
     * @param read bytes that have come
     * @param waited for them, together
     */
    Duration patience(long read, Duration waited) {
        if (bytesPerSecond == 0) {
            return stall;
        }
        var left = stall.plusSeconds(read / bytesPerSecond).minus(waited);
        return left.compareTo(stall) < 0 ? left : stall;
    }
}
