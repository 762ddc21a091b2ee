package io.agenttier.apiserver.sandboxd;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Buffered bytes of one connection, read as bounded lines or as blocks. One thread at a time. */
final class WireInput {
    private final InputStream in;
    private final byte[] buffer = new byte[16 * 1024];
    private int position;
    private int end;

    WireInput(InputStream in) {
        this.in = in;
    }

    boolean isEmpty() {
        return position == end;
    }

    int read() throws IOException {
        if (position == end && !fill()) {
            return -1;
        }
        return buffer[position++] & 0xff;
    }

    int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == end) {
            if (length >= buffer.length) {
                return in.read(into, offset, length);
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, end - position);
        System.arraycopy(buffer, position, into, offset, count);
        position += count;
        return count;
    }

    /**
     * One line without its CR LF, one character a byte. Tabs and printable bytes only.
     *
     * @throws MisbehavedException longer than {@code max}, a bare CR or LF, another control byte
     * @throws EOFException the connection ended first
     */
    String line(int max) throws IOException {
        var line = new StringBuilder(64);
        while (true) {
            int b = read();
            if (b < 0) {
                throw new EOFException("the connection ended within a line");
            }
            if (b == '\r') {
                if (read() != '\n') {
                    throw new MisbehavedException("a line of the answer ends without CR LF");
                }
                return line.toString();
            }
            if ((b < ' ' && b != '\t') || b == 0x7f) {
                throw new MisbehavedException("a line of the answer holds a control character");
            }
            if (line.length() == max) {
                throw new MisbehavedException("a line of the answer is longer than %d bytes".formatted(max));
            }
            line.append((char) b);
        }
    }

    private boolean fill() throws IOException {
        position = 0;
        end = Math.max(0, in.read(buffer, 0, buffer.length));
        return end > 0;
    }
}
