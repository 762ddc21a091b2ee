package io.agenttier.apiserver.route;

import java.io.IOException;
import java.time.Duration;

/** A connection that speaks WebSocket. One thread receives; any thread sends and closes. */
public interface WebSocket {
    /** What {@link #receive} brings. */
    sealed interface Received {
        /**
         * A part of a message. Text and binary messages are the same here: clients send bytes either way.
         *
         * @param bytes at most 64 KiB; not to be changed
         * @param first begins a message
         * @param last ends a message
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Piece(byte[] bytes, boolean first, boolean last) implements Received {}

        /** Nothing came in time. */
        record Nothing() implements Received {}
    }

    /**
     * Waits for the next part of a message. The network is read no faster than this is called.
     *
     * @throws ClientGoneException the client has closed, the connection broke, or {@link #close} was called
     */
    Received receive(Duration patience) throws ClientGoneException;

    /**
     * Sends one binary message, or several if it is long, each beginning with {@code channel}. Blocks while the client takes nothing.
     *
     * @throws ClientGoneException it is gone, or has taken nothing for 10 s
     */
    void send(int channel, byte[] bytes, int offset, int length) throws IOException;

    /** Sends as {@link #send(int, byte[], int, int)} does, without a channel. */
    void send(byte[] bytes, int offset, int length) throws IOException;

    /** Runs {@code action} when the server stops, just before it says so to the client and closes. The action must not block. */
    void onGoingAway(Runnable action);

    /**
     * Says good-bye and closes. What was sent before arrives first; later calls do nothing. Does not block.
     *
     * @param code 1000–4999
     * @param reason at most 123 bytes
     */
    void close(int code, String reason);
}
