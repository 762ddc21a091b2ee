package io.agenttier.cli.command;

import org.jspecify.annotations.Nullable;

/**
 * Standard input that a process may not have got yet: kept until the server says so, since a connection that is cut takes along what was on the way.
 * Offsets count the bytes of the input from 0. A ring of bytes that grows to {@link #CAPACITY} and no further, however small the pieces are: whoever
 * reads the input waits while it is full.
 */
final class PendingInput {
    /** More than fits into the buffers between here and the process. */
    static final int CAPACITY = 4 * 1024 * 1024;

    private static final int FIRST_SIZE = 64 * 1024;

    private byte[] ring = new byte[FIRST_SIZE];
    private long from;
    private long sent;
    private long to;
    private boolean hasEnded;

    /** Adds bytes at the end, waiting for room. */
    synchronized void append(byte[] bytes, int offset, int length) throws InterruptedException {
        int done = 0;
        while (done < length) {
            while (to - from == CAPACITY) {
                wait();
            }
            int count = (int) Math.min(length - done, CAPACITY - (to - from));
            makeRoom(count);
            int at = (int) (to % ring.length);
            int first = Math.min(count, ring.length - at);
            System.arraycopy(bytes, offset + done, ring, at, first);
            System.arraycopy(bytes, offset + done + first, ring, 0, count - first);
            to += count;
            done += count;
            notifyAll();
        }
    }

    /** No more will come. */
    synchronized void end() {
        hasEnded = true;
        notifyAll();
    }

    /**
     * The process has everything below this offset.
     *
     * @return whether that can be: not if it was never sent, or if the server has forgotten what it acknowledged before
     */
    synchronized boolean acknowledge(long offset) {
        if (offset < from || offset > sent) {
            return false;
        }
        from = offset;
        notifyAll();
        return true;
    }

    /**
     * At most {@code max} bytes from an offset on, which count as sent from now on. Waits for some; null at the end of the input.
     *
     * @throws IllegalArgumentException if they were acknowledged already
     */
    synchronized byte @Nullable [] next(long offset, int max) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        while (offset >= to) {
            if (hasEnded) {
                return null;
            }
            wait();
        }
        if (offset < from) {
            throw new IllegalArgumentException("offset %d was acknowledged, as all below %d".formatted(offset, from));
        }
        int count = (int) Math.min(max, to - offset);
        sent = Math.max(sent, offset + count);
        return copy(offset, count);
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

    private void makeRoom(int count) {
        int kept = (int) (to - from);
        if (kept + count <= ring.length) {
            return;
        }
        int size = ring.length;
        while (size < kept + count) {
            size *= 2;
        }
        var bytes = copy(from, kept);
        var larger = new byte[size];
        int at = (int) (from % size);
        int first = Math.min(kept, size - at);
        System.arraycopy(bytes, 0, larger, at, first);
        System.arraycopy(bytes, first, larger, 0, kept - first);
        ring = larger;
    }

    private byte[] copy(long offset, int count) {
        int at = (int) (offset % ring.length);
        int first = Math.min(count, ring.length - at);
        var bytes = new byte[count];
        System.arraycopy(ring, at, bytes, 0, first);
        System.arraycopy(ring, 0, bytes, first, count - first);
        return bytes;
    }
}
