package io.agenttier.cli.command;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Time that is left of a limit that began when this was made. */
final class Deadline {
    private final LongSupplier nanos;
    private final long start;
    private final long limit;

    /** @param nanos a clock that only goes forward, in nanoseconds */
    Deadline(Duration limit, LongSupplier nanos) {
        this.nanos = nanos;
        this.start = nanos.getAsLong();
        this.limit = limit.toNanos();
    }

    boolean hasPassed() {
        return left() <= 0;
    }

    /** That time, or what is left if it is less; never negative. */
    Duration atMost(Duration time) {
        return Duration.ofNanos(Math.max(0, Math.min(time.toNanos(), left())));
    }

    private long left() {
        return limit - (nanos.getAsLong() - start);
    }
}
