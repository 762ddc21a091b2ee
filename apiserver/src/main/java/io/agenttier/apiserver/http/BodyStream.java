package io.agenttier.apiserver.http;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A request's body as a stream that is bounded in length and in the time it may take to come. */
final class BodyStream extends InputStream {
    private final BodyQueue queue;
    private final Runnable wantMore;
    private final BodyPace pace;
    private final long maxBytes;
    private final Runnable tooSlow;
    private long read;
    private Duration waited = Duration.ZERO;

    /**
     * @param wantMore tells the event loop that there is room again
     * @param tooSlow told if the body comes too slowly, before 408 is thrown
     */
    BodyStream(BodyQueue queue, Runnable wantMore, BodyPace pace, long maxBytes, Runnable tooSlow) {
        this.queue = queue;
        this.wantMore = wantMore;
        this.pace = pace;
        this.maxBytes = maxBytes;
        this.tooSlow = tooSlow;
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
        int moved = await(target, offset, length);
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

    private int await(byte[] target, int offset, int length) throws IOException {
        long begun = System.nanoTime();
        try {
            return queue.read(target, offset, length, pace.patience(read, waited));
        } catch (BodyQueue.StalledException e) {
            tooSlow.run();
            throw new ApiException(new ApiError.TooSlow(
                    "the request body comes too slowly: %d bytes so far, and the next did not come in time; send it again"
                            .formatted(read)));
        } finally {
            waited = waited.plusNanos(System.nanoTime() - begun);
        }
    }
}
