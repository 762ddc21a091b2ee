package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * A request body whose memory is taken from the budget as its bytes arrive, since a chunked body does not tell its size before. When
 * there is no more, reading ends with 429: nothing has been started yet.
 */
final class MeteredBody extends FilterInputStream {
    /** So much is not counted against the budget. */
    private static final int SMALL_BYTES = 64 * 1024;
    /** The body, its texts, standard input in base64, and the request made of it. */
    private static final int BYTES_IN_MEMORY = 6;

    private static final int STEP_BYTES = 512 * 1024;

    private final MemoryBudget.Share memory;
    private final String sandbox;
    private long read;
    private long paid = SMALL_BYTES;

    MeteredBody(InputStream body, MemoryBudget.Share memory, String sandbox) {
        super(body);
        this.memory = memory;
        this.sandbox = sandbox;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) count(1);
        return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        if (count > 0) count(count);
        return count;
    }

    private void count(int bytes) {
        read += bytes;
        while (read > paid) {
            if (!memory.grow((long) STEP_BYTES * BYTES_IN_MEMORY)) {
                throw new ApiException(new ApiError.TooManyRequests(
                        "too many large requests are under way, this one for sandbox \"%s\" had %d bytes so far and must wait: try again"
                                .formatted(sandbox, read),
                        Duration.ofSeconds(1)));
            }
            paid += STEP_BYTES;
        }
    }
}
