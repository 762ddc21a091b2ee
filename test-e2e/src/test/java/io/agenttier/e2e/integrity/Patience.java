package io.agenttier.e2e.integrity;

import java.time.Duration;

/** How long a client goes on after cuts: until nothing new came for a while. */
final class Patience {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final String who;
    private long last = System.nanoTime();
    private int cuts;

    Patience(String who) {
        this.who = who;
    }

    void progress() {
        last = System.nanoTime();
    }

    /** Counts a cut and waits a little. */
    void cut(long position) {
        cuts++;
        if (System.nanoTime() - last > LIMIT.toNanos()) {
            throw new AssertionError(
                    who + ": nothing new for " + LIMIT + " and " + cuts + " cuts, position " + position);
        }
        Processes.pause();
    }

    int cuts() {
        return cuts;
    }
}
