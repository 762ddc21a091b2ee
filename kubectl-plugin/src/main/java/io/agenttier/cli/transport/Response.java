package io.agenttier.cli.transport;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Optional;

/** An answer whose body is still to be read. Closing it drops the connection. */
public final class Response implements AutoCloseable {
    private final ResponseHead head;
    private final InputStream body;
    private final Socket socket;

    Response(ResponseHead head, InputStream body, Socket socket) {
        this.head = head;
        this.body = body;
        this.socket = socket;
    }

    public int status() {
        return head.status();
    }

    public Optional<String> header(String name) {
        return head.header(name);
    }

    public ResponseHead head() {
        return head;
    }

    /** Ends with −1 only where the answer ends; a connection that ends before throws {@link CutException}. */
    public InputStream body() {
        return body;
    }

    /**
     * The whole body.
     *
     * @throws IOException if it is longer than {@code max} or cut
     */
    public byte[] bytes(int max) throws IOException {
        var bytes = body.readNBytes(max);
        if (body.read() >= 0) {
            throw new IOException("the answer is longer than %d bytes".formatted(max));
        }
        return bytes;
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException ignored) {
            // it is gone either way
        }
    }
}
