package io.agenttier.apiserver.route;

import java.time.Duration;
import java.time.Instant;

/**
 * How many calls somebody may still make. Pure.
 *
 * @param tokens one a call; may be a fraction
 * @param at when there were so many
 */
public record TokenBucket(double tokens, Instant at) {
    /**
     * How fast a bucket fills.
     *
     * @param perSecond calls a second; 0 for any number
     * @param burst calls that may be made at once after a rest
     */
    public record Rate(int perSecond, int burst) {
        boolean isOff() {
            return perSecond == 0;
        }
    }

    static TokenBucket full(Rate rate, Instant now) {
        return new TokenBucket(rate.burst, now);
    }

    /** The same bucket later, or as it is where the clock went back. */
    TokenBucket at(Instant now, Rate rate) {
        double seconds = Math.max(0, Duration.between(at, now).toNanos() / 1e9);
        return new TokenBucket(Math.min(rate.burst, tokens + seconds * rate.perSecond), now);
    }

    boolean hasOne() {
        return tokens >= 1;
    }

    TokenBucket withoutOne() {
        return new TokenBucket(tokens - 1, at);
    }

    /** Zero if there is one. */
    Duration untilOne(Rate rate) {
        return Duration.ofNanos((long) (Math.max(0, 1 - tokens) / rate.perSecond * 1e9));
    }
}
