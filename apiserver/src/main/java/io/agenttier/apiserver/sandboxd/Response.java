package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * An answer whose body is still to be read. {@link #close} gives the connection back if the body was read to its end and cuts it
 * otherwise.
 */
final class Response implements AutoCloseable {
    private final ConnectionPool pool;
    private final Connection connection;
    private final ResponseHead head;
    private final InputStream body;
    private final boolean reusable;
    private boolean read;
    private boolean closed;

    /** @param reusable false if the daemon may still wait for the rest of the request */
    Response(ConnectionPool pool, Connection connection, ResponseHead head, boolean reusable)
            throws MisbehavedException {
        this.pool = pool;
        this.connection = connection;
        this.head = head;
        this.reusable = reusable && head.keepsConnection() && !head.isSwitch();
        this.body = switch (head.framing()) {
            case ResponseHead.Framing.None _ -> InputStream.nullInputStream();
            case ResponseHead.Framing.Length length -> new LengthBody(connection.input(), length.bytes());
            case ResponseHead.Framing.Chunked _ -> new ChunkedBody(connection.input());
            case ResponseHead.Framing.Switched _ -> new RestOfConnection(connection.input());
        };
    }

    int status() {
        return head.status();
    }

    Optional<String> field(String name) {
        return head.field(name);
    }

    /** @return bytes read, −1 at the proper end */
    int read(byte[] into, int offset, int length) throws IOException {
        int count = body.read(into, offset, length);
        read |= count < 0;
        return count;
    }

    /**
     * The whole body.
     *
     * @throws MisbehavedException it is longer than {@code max}
     */
    byte[] readAll(int max) throws IOException {
        var bytes = body.readNBytes(max + 1);
        if (bytes.length > max) {
            throw new MisbehavedException("the answer is longer than %d bytes".formatted(max));
        }
        read = true;
        return bytes;
    }

    /** Whether the connection speaks another protocol from here on. */
    boolean isSwitch() {
        return head.isSwitch();
    }

    /** Writes on a connection that speaks another protocol. One writer at a time, beside the one reader. */
    void write(byte[] bytes) throws IOException {
        connection.write(bytes, 0, bytes.length);
    }

    /** From here on each read may be silent for so long. */
    void silenceLimit(Duration limit) throws IOException {
        connection.silenceLimit(limit);
    }

    /** Cuts the connection at once. Any thread; a reader sees an {@link IOException}. */
    void abort() {
        connection.abort();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (read && reusable) {
            pool.release(connection);
        } else {
            pool.discard(connection);
        }
    }
}
