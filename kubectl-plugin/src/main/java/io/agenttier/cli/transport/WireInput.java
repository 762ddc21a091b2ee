package io.agenttier.cli.transport;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Buffered bytes of a connection, with lines of bounded length. */
final class WireInput {
    private final InputStream in;
    private final byte[] buffer;
    private int from;
    private int to;

    WireInput(InputStream in) {
        this(in, 64 * 1024);
    }

    /** @param size of the buffer; 1 never takes a byte more than was asked for */
    WireInput(InputStream in, int size) {
        this.in = in;
        this.buffer = new byte[size];
    }

    /** Up to {@code length} bytes; −1 at the end. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (from == to && !fill()) {
            return -1;
        }
        int count = Math.min(length, to - from);
        System.arraycopy(buffer, from, into, offset, count);
        from += count;
        return count;
    }

    /**
     * One line without its CRLF or LF.
     *
     * @throws EOFException if the stream ends before the line
     * @throws IOException if the line is longer than {@code max}
     */
    String line(int max) throws IOException {
        var line = new StringBuilder();
        while (true) {
            if (from == to && !fill()) {
                throw new EOFException("the connection ended within the head of the answer");
            }
            var c = (char) (buffer[from++] & 0xFF);
            if (c == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            if (line.length() >= max) {
                throw new IOException("the answer has a line of more than %d bytes".formatted(max));
            }
            line.append(c);
        }
    }

    private boolean fill() throws IOException {
        int count = in.read(buffer, 0, buffer.length);
        from = 0;
        to = Math.max(count, 0);
        return count > 0;
    }
}
