package io.agenttier.apiserver.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request's body that has arrived and was not read yet. The event loop fills it and asks the network for more only while it
 * {@link #hasRoom}; the virtual thread of the request empties it.
 */
final class BodyQueue {
    private static final int ROOM_BYTES = 128 * 1024;

    /** Nothing has come for too long. */
    static final class StalledException extends IOException {
        private static final long serialVersionUID = 1L;

        private StalledException(Duration stall) {
            super("nothing came for " + stall.toSeconds() + " s");
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private long bytes;
    private boolean complete;
    private boolean discarding;
    private @Nullable IOException failure;

    /** Takes over a reference to {@code piece}. */
    void offer(ByteBuf piece, boolean last) {
        lock.lock();
        try {
            if (discarding || !piece.isReadable()) {
                piece.release();
            } else {
                pieces.add(piece);
                bytes += piece.readableBytes();
            }
            complete |= last;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The rest will not come. */
    void fail(IOException cause) {
        lock.lock();
        try {
            if (!complete && failure == null) {
                failure = cause;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Drops what is here and what comes. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            pieces.forEach(ByteBuf::release);
            pieces.clear();
            bytes = 0;
        } finally {
            lock.unlock();
        }
    }

    boolean hasRoom() {
        lock.lock();
        try {
            return bytes < ROOM_BYTES;
        } finally {
            lock.unlock();
        }
    }

    boolean isComplete() {
        lock.lock();
        try {
            return complete;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a read would have to wait for the network. */
    boolean isDry() {
        lock.lock();
        try {
            return pieces.isEmpty() && !complete && failure == null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves bytes into {@code target}; waits for the first one.
     *
     * @return bytes moved, −1 at the end of the body
     * @throws StalledException if nothing came for {@code stall}
     * @throws IOException if the rest will not come
     */
    int read(byte[] target, int offset, int length, Duration stall) throws IOException {
        lock.lock();
        try {
            long left = stall.toNanos();
            while (pieces.isEmpty()) {
                if (complete) {
                    return -1;
                }
                if (failure != null) {
                    throw failure;
                }
                if (left <= 0) {
                    throw new StalledException(stall);
                }
                left = changed.awaitNanos(left);
            }
            var piece = pieces.getFirst();
            int moved = Math.min(length, piece.readableBytes());
            piece.readBytes(target, offset, moved);
            bytes -= moved;
            if (!piece.isReadable()) {
                pieces.removeFirst().release();
            }
            return moved;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading the request body", e);
        } finally {
            lock.unlock();
        }
    }
}
