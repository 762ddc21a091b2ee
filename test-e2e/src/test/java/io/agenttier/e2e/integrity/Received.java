package io.agenttier.e2e.integrity;

import java.util.Arrays;

/** One stream of a process, compared with what is expected while it comes. Not safe for several threads at once. */
public final class Received {
    private final byte[] source;
    private final int length;
    private volatile long count;
    private volatile long wrongAt = -1;

    /** @param length so many bytes from the beginning of {@code source} are expected */
    public Received(byte[] source, int length) {
        this.source = source;
        this.length = length;
    }

    public void add(byte[] bytes, int from, int size) {
        var before = count;
        if (wrongAt < 0) {
            var begin = (int) Math.min(before, length);
            var comparable = Math.min(size, length - begin);
            var mismatch = Arrays.mismatch(bytes, from, from + size, source, begin, begin + comparable);
            if (mismatch >= 0) wrongAt = before + mismatch;
        }
        count = before + size;
    }

    public long count() {
        return count;
    }

    /** Bytes that are still to come. */
    int missing() {
        return (int) Math.max(0, length - count);
    }

    public boolean isPrefix() {
        return wrongAt < 0;
    }

    public boolean isWhole() {
        return wrongAt < 0 && count == length;
    }

    @Override
    public String toString() {
        return isWhole()
                ? "all " + length + " bytes"
                : count + " bytes of " + length + (wrongAt < 0 ? "" : ", wrong from byte " + wrongAt);
    }
}
