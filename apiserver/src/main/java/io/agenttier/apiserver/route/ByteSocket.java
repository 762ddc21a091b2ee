package io.agenttier.apiserver.route;

import java.io.IOException;

/** A connection that carries bytes. One thread reads, one writes, any closes. */
public interface ByteSocket {
    /**
     * Waits for bytes. The network is read no faster than this is called.
     *
     * @return bytes read, at least 1
     * @throws ClientGoneException the client has closed, the connection broke, or {@link #close} was called
     */
    int read(byte[] into) throws IOException;

    /**
     * Sends, and blocks while the client takes nothing.
     *
     * @throws ClientGoneException it is gone, or has taken nothing for too long
     */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Runs {@code action} when the server stops and the connection is to end. The action must not block. */
    void onGoingAway(Runnable action);

    /** Closes; what was sent before arrives first. Does not block. */
    void close();
}
