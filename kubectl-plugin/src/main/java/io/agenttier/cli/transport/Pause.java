package io.agenttier.cli.transport;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waiting between two tries. */
@FunctionalInterface
public interface Pause {
    /** @throws InterruptedIOException if there is no use in going on, as the user has interrupted us */
    void take(Duration time) throws InterruptedIOException;
}
