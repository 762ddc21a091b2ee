package io.agenttier.e2e.drain;

import io.agenttier.e2e.agent.LongReader;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What all the load goes by: an invocation that counts, as one client sees it, and at last the word that everything may end. */
final class Pulse {
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(50);

    private final LongReader reader;
    private final int rounds;
    private volatile boolean mayEnd;

    Pulse(LongReader reader, int rounds) {
        this.reader = reader;
        this.rounds = rounds;
    }

    int rounds() {
        return rounds;
    }

    /** Everything may end. */
    void letEnd() {
        mayEnd = true;
    }

    /** Returns once so many rounds were seen; the last is not begun before everything may end. */
    void await(int round) {
        until(() -> mayEnd || (round < rounds && reader.hasSeen((double) round / rounds)));
    }

    /** A moment before something is tried again. */
    static void pause() {
        LockSupport.parkNanos(3 * LOOK);
    }

    /** Returns once this holds. */
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) throw new CancellationException("the test is over");
            LockSupport.parkNanos(LOOK);
        }
    }
}
