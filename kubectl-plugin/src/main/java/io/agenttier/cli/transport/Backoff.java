package io.agenttier.cli.transport;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing waits with jitter: twice as long each time, at most about 5 s. */
public final class Backoff {
    /** The usual first wait. */
    public static final Duration FIRST = Duration.ofMillis(100);

    private static final long MAX_MILLIS = 5_000;

    private final RandomGenerator random;
    private final long firstMillis;
    private int tries;

    public Backoff(RandomGenerator random, Duration first) {
        this.random = random;
        this.firstMillis = first.toMillis();
    }

    /** The next wait, between 80 and 120 % of its nominal length. */
    public Duration next() {
        long nominal = Math.min(MAX_MILLIS, firstMillis << Math.min(tries, 20));
        tries++;
        return Duration.ofMillis(nominal * random.nextLong(80, 121) / 100);
    }

    /** How many waits there were since the last success. */
    public int tries() {
        return tries;
    }

    public void reset() {
        tries = 0;
    }
}
