package io.agenttier.cli.transport;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;

/** The body of an answer. A connection that ends before the body does is a {@link CutException}, never a short body. */
final class BodyInput extends InputStream {
    private static final int MAX_CHUNK_LINE = 4096;
    private static final int MAX_TRAILERS = 100;
    private static final long UNTIL_CLOSE = -1;

    private final WireInput in;
    private final boolean isChunked;
    /** Bytes left of the body, or of the present chunk; {@link #UNTIL_CLOSE} if only the end of the connection tells. */
    private long left;

    private boolean inFirstChunk = true;
    private boolean hasEnded;

    private BodyInput(WireInput in, boolean isChunked, long left) {
        this.in = in;
        this.isChunked = isChunked;
        this.left = left;
        this.hasEnded = !isChunked && left == 0;
    }

    /** @throws IOException if the head announces a body in a way that we do not know */
    static BodyInput of(WireInput in, ResponseHead head, String method) throws IOException {
        if (method.equals("HEAD") || head.status() == 204 || head.status() == 304) {
            return new BodyInput(in, false, 0);
        }
        if (head.status() == 101) {
            return new BodyInput(in, false, UNTIL_CLOSE);
        }
        var coding = head.header("Transfer-Encoding");
        if (coding.isPresent()) {
            if (!coding.get().equalsIgnoreCase("chunked")) {
                throw new IOException("the answer has the unknown transfer encoding \"%s\"".formatted(coding.get()));
            }
            return new BodyInput(in, true, 0);
        }
        var length = head.header("Content-Length");
        if (length.isEmpty()) {
            return new BodyInput(in, false, UNTIL_CLOSE);
        }
        if (!length.get().matches("[0-9]{1,18}")) {
            throw new IOException("the answer has the malformed length \"%s\"".formatted(length.get()));
        }
        return new BodyInput(in, false, Long.parseLong(length.get()));
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (hasEnded) {
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        try {
            return isChunked ? chunked(into, offset, length) : plain(into, offset, length);
        } catch (CutException e) {
            throw e;
        } catch (SocketTimeoutException e) {
            throw new CutException("the server sent nothing for too long", e);
        } catch (EOFException e) {
            throw cut();
        } catch (IOException e) {
            throw new CutException("the connection was lost: " + e.getMessage(), e);
        }
    }

    private int plain(byte[] into, int offset, int length) throws IOException {
        if (left == UNTIL_CLOSE) {
            int count = in.read(into, offset, length);
            hasEnded = count < 0;
            return count;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw cut();
        }
        left -= count;
        hasEnded = left == 0;
        return count;
    }

    private int chunked(byte[] into, int offset, int length) throws IOException {
        if (left == 0) {
            nextChunk();
            if (hasEnded) {
                return -1;
            }
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw cut();
        }
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (!inFirstChunk && !in.line(2).isEmpty()) {
            throw new CutException("the answer has a malformed chunk");
        }
        inFirstChunk = false;
        var line = in.line(MAX_CHUNK_LINE);
        int end = line.indexOf(';');
        var size = (end < 0 ? line : line.substring(0, end)).strip();
        if (!size.matches("[0-9a-fA-F]{1,12}")) {
            throw new CutException("the answer has a malformed chunk");
        }
        left = Long.parseLong(size, 16);
        if (left > 0) {
            return;
        }
        for (int i = 0; i < MAX_TRAILERS; i++) {
            if (in.line(MAX_CHUNK_LINE).isEmpty()) {
                hasEnded = true;
                return;
            }
        }
        throw new CutException("the answer has too many trailers");
    }

    private static CutException cut() {
        return new CutException("the connection ended within the answer");
    }
}
