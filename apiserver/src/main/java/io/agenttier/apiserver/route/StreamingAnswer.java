package io.agenttier.apiserver.route;

import java.io.IOException;
import java.util.Map;

/**
 * An answer that is being sent. Writes are flushed at once and block while the client reads slowly, so nothing piles up here. After
 * the client went away every write throws {@link ClientGoneException}.
 */
public interface StreamingAnswer {
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Ends the answer properly. */
    default void end() throws IOException {
        end(Map.of());
    }

    /**
     * Ends the answer properly, with trailers where it is chunked.
     *
     * @param trailers names as sent
     */
    void end(Map<String, String> trailers) throws IOException;

    /** Cuts the connection, so that the client cannot take what it has for the whole. */
    void abort();

    /** Runs {@code action} once when the client goes away, on any thread; at once if it already has. The action must not block. */
    void onClientGone(Runnable action);
}
