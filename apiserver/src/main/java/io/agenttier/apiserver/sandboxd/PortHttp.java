package io.agenttier.apiserver.sandboxd;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * HTTP/1.1 with what listens on a port: one request and its answer over one tunnel. One thread reads, another may write. Reading throws
 *
 * <ul>
 *   <li>{@link MisbehavedException} what comes is no HTTP/1.1, or ends too early
 *   <li>{@link Tunnel.BrokenException} the port broke the connection
 *   <li>{@link IOException} the connection to the sandbox was cut, or {@link #abort} was called
 * </ul>
 */
public final class PortHttp implements AutoCloseable {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Tunnel tunnel;
    private final WireInput in;
    private InputStream body = InputStream.nullInputStream();
    private boolean portEnded;

    public PortHttp(Tunnel tunnel) {
        this.tunnel = tunnel;
        this.in = new WireInput(new FromPort());
    }

    /** Reads the next head, interim or final. */
    public PortHead head() throws IOException {
        return whole(() -> PortHead.read(in));
    }

    /** Says how the body is delimited that {@link #read} reads. */
    public void expect(PortHead.Framing framing) {
        body = switch (framing) {
            case PortHead.Framing.None _ -> InputStream.nullInputStream();
            case PortHead.Framing.Length length -> new LengthBody(in, length.bytes());
            case PortHead.Framing.Chunked _ -> new ChunkedBody(in);
            case PortHead.Framing.Rest _ -> new RestOfConnection(in);
        };
    }

    /** @return bytes read, −1 at the proper end */
    public int read(byte[] into) throws IOException {
        return whole(() -> body.read(into, 0, into.length));
    }

    /** What came after the last chunk. */
    public List<HeaderLine> trailers() {
        return body instanceof ChunkedBody chunked ? chunked.trailers() : List.of();
    }

    /** Sends bytes as they are. */
    public void write(byte[] bytes, int offset, int length) throws IOException {
        tunnel.write(bytes, offset, length);
    }

    /** Sends bytes as one chunk. */
    public void writeChunk(byte[] bytes, int length) throws IOException {
        var size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        var chunk = new byte[size.length + length + CRLF.length];
        System.arraycopy(size, 0, chunk, 0, size.length);
        System.arraycopy(bytes, 0, chunk, size.length, length);
        System.arraycopy(CRLF, 0, chunk, size.length + length, CRLF.length);
        write(chunk, 0, chunk.length);
    }

    public void writeLastChunk() throws IOException {
        write(LAST_CHUNK, 0, LAST_CHUNK.length);
    }

    /** Cuts the connection, which the port sees as a reset. Any thread; blocked reads and writes fail. */
    public void abort() {
        tunnel.abort();
    }

    @Override
    public void close() {
        tunnel.close();
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /** An end that comes too early is the port's fault if the port has ended, and not the connection to it. */
    private <T> T whole(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (EOFException e) {
            if (portEnded) {
                throw new MisbehavedException("it closed the connection before its answer was whole");
            }
            throw e;
        }
    }

    /** What comes from the port, without frames. */
    private final class FromPort extends InputStream {
        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = tunnel.read(into, offset, length);
            portEnded |= count < 0;
            return count;
        }
    }
}
