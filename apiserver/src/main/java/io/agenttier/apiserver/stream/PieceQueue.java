package io.agenttier.apiserver.stream;

import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.WebSocket.Received;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames that have arrived and were not received yet. The event loop fills it and reads the network only while it {@link #hasRoom}; one
 * thread empties it.
 */
final class PieceQueue {
    private static final int ROOM_BYTES = 128 * 1024;
    /** What a frame costs besides its payload, so that empty ones are bounded too. */
    private static final int FRAME_BYTES = 128;

    private static final int PIECE_BYTES = 64 * 1024;

    private record Frame(ByteBuf payload, boolean first, boolean last) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private long bytes;
    private boolean headBegun;
    private boolean over;

    /**
     * Takes over a reference to {@code payload}.
     *
     * @param first begins a message
     * @param last ends a message
     */
    void offer(ByteBuf payload, boolean first, boolean last) {
        lock.lock();
        try {
            if (over) {
                payload.release();
                return;
            }
            frames.add(new Frame(payload, first, last));
            bytes += payload.readableBytes() + FRAME_BYTES;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Drops what is here and what comes. */
    void end() {
        lock.lock();
        try {
            over = true;
            frames.forEach(frame -> frame.payload.release());
            frames.clear();
            bytes = 0;
            changed.signalAll();
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

    /** @throws ClientGoneException after {@link #end} */
    Received receive(Duration patience) throws ClientGoneException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (frames.isEmpty()) {
                if (over) {
                    throw new ClientGoneException();
                }
                if (left <= 0) {
                    return new Received.Nothing();
                }
                left = changed.awaitNanos(left);
            }
            return take(frames.getFirst());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientGoneException();
        } finally {
            lock.unlock();
        }
    }

    private Received.Piece take(Frame head) {
        var piece = new byte[Math.min(PIECE_BYTES, head.payload.readableBytes())];
        head.payload.readBytes(piece);
        bytes -= piece.length;
        boolean first = head.first && !headBegun;
        headBegun = head.payload.isReadable();
        if (headBegun) {
            return new Received.Piece(piece, first, false);
        }
        bytes -= FRAME_BYTES;
        frames.removeFirst();
        head.payload.release();
        return new Received.Piece(piece, first, head.last);
    }
}
