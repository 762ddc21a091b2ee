package io.agenttier.apiserver.stream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that all clients of a server together were sent and have not taken yet. Beyond the limit nobody is cut: each client gets small
 * pieces, the next when it has taken the last, so that those who take nothing do not hold the memory of those who do.
 */
public final class OutboundBudget {
    static final int PIECE_BYTES = 64 * 1024;
    static final int SMALL_PIECE_BYTES = 8 * 1024;

    private final long limit;
    private final AtomicLong pending = new AtomicLong();

    /** @param limit bytes; each connection may go a small piece beyond it */
    public OutboundBudget(long limit) {
        this.limit = limit;
    }

    void add(long bytes) {
        pending.addAndGet(bytes);
    }

    boolean isExhausted() {
        return pending.get() >= limit;
    }
}
