package io.agenttier.cli.transport;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Events of one answer, one after the other. */
public final class SseStream {
    private final InputStream in;
    private final SseParser parser = new SseParser();
    private final ArrayDeque<SseEvent> ready = new ArrayDeque<>();
    private final byte[] buffer = new byte[64 * 1024];

    public SseStream(InputStream in) {
        this.in = in;
    }

    /**
     * The next event, waiting for it; null where the answer ends.
     *
     * @throws CutException if it was cut
     */
    public @Nullable SseEvent next() throws IOException {
        while (ready.isEmpty()) {
            int count = in.read(buffer, 0, buffer.length);
            if (count < 0) {
                return null;
            }
            parser.feed(buffer, 0, count, ready::add);
        }
        return ready.poll();
    }
}
