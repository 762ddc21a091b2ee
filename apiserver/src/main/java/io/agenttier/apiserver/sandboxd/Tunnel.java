package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Text;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One TCP connection to a port of a sandbox ({@code docs/sandboxd-protocol.md} §9). One thread reads, any may write. Writing blocks as long
 * as the port takes nothing, without a limit: {@link #abort} ends that.
 */
public final class Tunnel implements AutoCloseable {
    static final String PROTOCOL = "agenttier-tunnel";
    private static final int HEADER_BYTES = 5;
    private static final int MAX_DATA = 1 << 20;
    private static final int MAX_RESET = 1 << 10;
    private static final int PIECE_BYTES = 64 * 1024;
    /** sandboxd drops a client that is silent for 70 s. */
    private static final Duration ALIVE = Duration.ofSeconds(15);

    private final Response response;
    private final byte[] header = new byte[HEADER_BYTES];
    private final ReentrantLock writing = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private int left;
    private boolean portEnded;

    Tunnel(Response response) {
        this.response = response;
        Thread.ofVirtual().name("tunnel-alive").start(this::stayAlive);
    }

    /** The far side broke the connection, as opposed to one that was cut on the way. */
    public static final class BrokenException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    /**
     * Reads what comes next from the port.
     *
     * @return bytes read, at least 1; −1 when the port has sent all
     * @throws BrokenException the port broke the connection
     * @throws IOException it was cut, or {@link #abort} was called
     */
    public int read(byte[] into, int offset, int length) throws IOException {
        while (left == 0 && !portEnded) {
            if (!head()) {
                throw new EOFException("the connection to the sandbox was cut");
            }
        }
        if (portEnded) {
            return -1;
        }
        int count = response.read(into, offset, Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the connection to the sandbox was cut");
        }
        left -= count;
        return count;
    }

    /** Waits until both directions have ended properly. To be called by the reader after its −1. */
    public void awaitEnd() throws IOException {
        while (head()) {
            if (left > 0) {
                throw new MisbehavedException("a tunnel has bytes after its end");
            }
        }
    }

    /** Takes the head of a frame; false at the end of the stream. */
    private boolean head() throws IOException {
        for (int done = 0; done < HEADER_BYTES; ) {
            int count = response.read(header, done, HEADER_BYTES - done);
            if (count < 0 && done == 0) {
                return false;
            }
            if (count < 0) {
                throw new EOFException("the connection to the sandbox was cut within a frame");
            }
            done += count;
        }
        int length = ByteBuffer.wrap(header, 1, Integer.BYTES).getInt();
        switch (header[0]) {
            case 'd' -> left = checked(length, 1, MAX_DATA);
            case 'z' -> portEnded = checked(length, 0, 0) == 0;
            case 'k' -> checked(length, 0, 0);
            case 'x' -> throw new BrokenException(reason(checked(length, 0, MAX_RESET)));
            default -> throw new MisbehavedException("a frame has an unknown type");
        }
        return true;
    }

    private static int checked(int length, int least, int most) throws MisbehavedException {
        if (length < least || length > most) {
            throw new MisbehavedException(
                    "a frame of a tunnel has %d bytes, expected %d to %d".formatted(length, least, most));
        }
        return length;
    }

    private String reason(int length) throws IOException {
        var text = new byte[length];
        for (int done = 0; done < length; ) {
            int count = response.read(text, done, length - done);
            if (count < 0) {
                break;
            }
            done += count;
        }
        return Text.printable(new String(text, StandardCharsets.UTF_8), MAX_RESET);
    }

    /** Sends bytes to the port. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int piece = Math.min(PIECE_BYTES, length - done);
            send('d', bytes, offset + done, piece);
            done += piece;
        }
    }

    /** Nothing more comes after what was written. */
    public void end() throws IOException {
        send('z', header, 0, 0);
    }

    private void send(char type, byte[] bytes, int offset, int length) throws IOException {
        var frame = new byte[HEADER_BYTES + length];
        ByteBuffer.wrap(frame).put((byte) type).putInt(length).put(bytes, offset, length);
        writing.lock();
        try {
            response.write(frame);
        } finally {
            writing.unlock();
        }
    }

    /** On a thread of its own, since a write may wait for the port, and nothing that reads from the port may wait for that. */
    private void stayAlive() {
        try {
            while (!closed.await(ALIVE.toSeconds(), TimeUnit.SECONDS)) {
                send('k', header, 0, 0);
            }
        } catch (IOException e) {
            response.abort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts the connection, which the port sees as a reset. Any thread; blocked reads and writes fail. */
    public void abort() {
        response.abort();
    }

    @Override
    public void close() {
        closed.countDown();
        response.close();
    }
}
