package io.agenttier.apiserver.sandboxd;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** A chunked body. Trailers and chunk extensions are read within bounds and dropped. */
final class ChunkedBody extends InputStream {
    private static final int SIZE_LINE = 128;
    private static final int TRAILER_LINE = 1024;
    private static final int TRAILERS = 16;

    private final WireInput in;
    private long left;
    private boolean begun;
    private boolean ended;
    private final List<HeaderLine> trailers = new ArrayList<>();

    ChunkedBody(WireInput in) {
        this.in = in;
    }

    /** To be asked for at the end. */
    List<HeaderLine> trailers() {
        return List.copyOf(trailers);
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        if (left == 0) {
            nextChunk();
            if (ended) {
                return -1;
            }
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the answer was cut within a chunk");
        }
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (begun && !in.line(0).isEmpty()) {
            throw new MisbehavedException("a chunk is longer than it says");
        }
        begun = true;
        left = size(in.line(SIZE_LINE));
        if (left > 0) {
            return;
        }
        for (var line = in.line(TRAILER_LINE); !line.isEmpty(); line = in.line(TRAILER_LINE)) {
            if (trailers.size() == TRAILERS) {
                throw new MisbehavedException("more than %d trailers".formatted(TRAILERS));
            }
            trailers.add(HeaderLine.parse(line));
        }
        ended = true;
    }

    private static long size(String line) throws MisbehavedException {
        int semicolon = line.indexOf(';');
        var digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
        if (digits.isEmpty() || digits.length() > 15 || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new MisbehavedException("the size of a chunk is no number");
        }
        return Long.parseLong(digits, 16);
    }
}
