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

    /** @param patience how long to wait for memory that others hold */
    public MemoryBudget(long bytes, Duration patience) {
        this.units = new Semaphore((int) Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES), true);
        this.patience = patience;
    }

    /** A third of the heap. */
    static MemoryBudget ofHeap(long maxHeapBytes) {
        return new MemoryBudget(maxHeapBytes / SHARE_OF_HEAP, Duration.ofSeconds(5));
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
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            held += (int) wanted;
            return true;
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
