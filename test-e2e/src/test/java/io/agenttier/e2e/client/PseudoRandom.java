package io.agenttier.e2e.client;

import java.io.InputStream;
import java.util.Objects;

/** Bytes that do not compress, the same for the same seed, made as they are read: xorshift64. */
public final class PseudoRandom extends InputStream {
    private long state;
    private int unused;
    private long left;

    /**
     * @param seed not 0
     * @param size in bytes
     */
    public PseudoRandom(long seed, long size) {
        if (seed == 0 || size < 0) throw new IllegalArgumentException("seed %d, size %d".formatted(seed, size));
        this.state = seed;
        this.left = size;
    }

    @Override
    public int read() {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) return 0;
        if (left == 0) return -1;
        var count = (int) Math.min(length, left);
        for (var i = 0; i < count; i++) {
            if (unused == 0) {
                state ^= state << 13;
                state ^= state >>> 7;
                state ^= state << 17;
                unused = Long.BYTES;
            }
            into[offset + i] = (byte) (state >>> (8 * --unused));
        }
        left -= count;
        return count;
    }
}
