package io.agenttier.apiserver.resource;

import java.time.Duration;

/** Tells when something about one sandbox has changed. For one thread. */
public interface News extends AutoCloseable {
    /** Returns when the cache has changed since the last call, or since it was opened, or after {@code atMost}. */
    void await(Duration atMost) throws InterruptedException;

    @Override
    void close();
}
