package io.agenttier.apiserver.route;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** A request body whose bytes are counted as they are read. */
final class CountedBody extends FilterInputStream {
    private final AtomicLong bytes;

    /** @param bytes grows by what is read */
    CountedBody(InputStream body, AtomicLong bytes) {
        super(body);
        this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            bytes.incrementAndGet();
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            bytes.addAndGet(count);
        }
        return count;
    }
}
