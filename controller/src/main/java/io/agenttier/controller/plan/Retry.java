package io.agenttier.controller.plan;

import java.time.Duration;

/** The schedule after infrastructure failures: five tries with waits of 10, 20, 40, 80 and 160 s. */
final class Retry {
    static final int TRIES = 5;

    /** A sandbox that was Ready for this long has its tries back. */
    static final Duration STABLE = Duration.ofMinutes(5);

    private static final Duration FIRST = Duration.ofSeconds(10);

    private Retry() {}

    /** The wait before the next try when {@code done} tries were made, 0 to 4. */
    static Duration waitAfter(int done) {
        return FIRST.multipliedBy(1L << done);
    }
}
