package io.agenttier.apiserver.http;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A request's body as a stream that is bounded in length and in the time it may stand still. */
final class BodyStream extends InputStream {
    private final BodyQueue queue;
    private final Runnable wantMore;
    private final Duration stall;
    private final long maxBytes;
    private long read;

    /** @param wantMore tells the event loop that there is room again */
    BodyStream(BodyQueue queue, Runnable wantMore, Duration stall, long maxBytes) {
        this.queue = queue;
        this.wantMore = wantMore;
        this.stall = stall;
        this.maxBytes = maxBytes;
    }

    static ApiException tooLarge(String value, long maxBytes) {
        return new ApiException(new ApiError.TooLarge(
                "the request body has %s bytes, the limit is %d bytes".formatted(value, maxBytes)));
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (queue.isDry()) {
            wantMore.run();
        }
        int moved = queue.read(target, offset, length, stall);
        if (moved > 0) {
            read += moved;
            if (read > maxBytes) {
                throw tooLarge("more than " + maxBytes, maxBytes);
            }
            if (queue.hasRoom()) {
                wantMore.run();
            }
        }
        return moved;
    }
}
