package io.agenttier.apiserver.resource;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Memory that large bodies and answers may take together, so that many callers at once slow each other down instead of ending the
 * program. Small ones are not counted.
 */
public final class MemoryBudget {
    private static final int UNIT_BYTES = 1024;
    private static final int SHARE_OF_HEAP = 3;

    private final Semaphore units;
    private final Duration patience;
    private final Runnable exhausted;

    /**
     * @param patience how long to wait for memory that others hold
     * @param exhausted told of each call that has waited in vain
     */
    public MemoryBudget(long bytes, Duration patience, Runnable exhausted) {
        this.units = new Semaphore((int) Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES), true);
        this.patience = patience;
        this.exhausted = exhausted;
    }

    /** A third of the heap. */
    public static MemoryBudget ofHeap(long maxHeapBytes, Runnable exhausted) {
        return new MemoryBudget(maxHeapBytes / SHARE_OF_HEAP, Duration.ofSeconds(5), exhausted);
    }

    /** What one call holds. Used by one thread; closing gives all of it back. */
    public final class Share implements AutoCloseable {
        private int held;

        /** Waits a little for {@code bytes} more; false if they cannot be had, then nothing has changed. */
        public boolean grow(long bytes) {
            long wanted = (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
            if (wanted > Integer.MAX_VALUE) {
                return false;
            }
            try {
                if (!units.tryAcquire((int) wanted, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                    exhausted.run();
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            held += (int) wanted;
            return true;
        }

        /** Gives {@code bytes} back that this call has grown by and needs no longer. */
        public void shrink(long bytes) {
            int units = (int) Math.min(held, bytes / UNIT_BYTES);
            held -= units;
            MemoryBudget.this.units.release(units);
        }

        @Override
        public void close() {
            units.release(held);
            held = 0;
        }
    }

    public Share share() {
        return new Share();
    }
}
