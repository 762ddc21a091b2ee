package io.agenttier.cli.command;

import java.util.ArrayDeque;

/**
 * Standard input that a process may not have got yet: kept until the server says so, since a connection that is cut takes along what was on the way.
 * Offsets count the bytes of the input from 0. Bounded: whoever reads the input waits while it is full.
 */
final class PendingInput {
    /** More than fits into the buffers between here and the process. */
    static final int CAPACITY = 4 * 1024 * 1024;

    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private long from;
    private long to;
    private boolean hasEnded;

    /** Adds bytes at the end, waiting for room. The array must not change afterwards. */
    synchronized void append(byte[] piece) throws InterruptedException {
        while (to - from + piece.length > CAPACITY) {
            wait();
        }
        if (piece.length > 0) {
            pieces.add(piece);
            to += piece.length;
        }
        notifyAll();
    }

    /** No more will come. */
    synchronized void end() {
        hasEnded = true;
        notifyAll();
    }

    /**
     * The process has everything below this offset.
     *
     * @return whether what follows is still here; not if the server has forgotten what it acknowledged before
     */
    synchronized boolean acknowledge(long offset) {
        while (!pieces.isEmpty() && from + pieces.peek().length <= offset) {
            from += pieces.remove().length;
        }
        notifyAll();
        return offset >= from && offset <= to;
    }

    /** Bytes from an offset on, waiting for some; null at the end of the input, and where they were acknowledged already. */
    synchronized byte @org.jspecify.annotations.Nullable [] next(long offset) throws InterruptedException {
        while (offset >= to) {
            if (hasEnded) {
                return null;
            }
            wait();
        }
        long at = from;
        for (var piece : pieces) {
            if (offset < at + piece.length && offset >= at) {
                return java.util.Arrays.copyOfRange(piece, (int) (offset - at), piece.length);
            }
            at += piece.length;
        }
        return null;
    }

    /** Waits until half of the room is used; false when the input has ended and little is left. */
    synchronized boolean awaitHalfFull() throws InterruptedException {
        while (to - from < CAPACITY / 2) {
            if (hasEnded) {
                return false;
            }
            wait();
        }
        return true;
    }
}
