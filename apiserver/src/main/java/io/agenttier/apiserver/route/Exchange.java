package io.agenttier.apiserver.route;

import java.io.InputStream;
import java.util.Map;
import java.util.OptionalLong;

/** Body and answer of one call. Used from one virtual thread; every method may block. One of the ways to answer is taken, once. */
public interface Exchange {
    /** {@code Content-Length}, empty for a chunked body. */
    OptionalLong contentLength();

    /**
     * The request body. Reads block until bytes arrive; the network is read no faster than this stream.
     *
     * @param maxBytes more bytes than this end a read with {@link io.agenttier.apiserver.error.ApiException} {@code TooLarge}
     */
    InputStream body(long maxBytes);

    /** Sends a whole answer: headers and body leave in one write. */
    void answer(Answer answer);

    /**
     * Begins an answer of unknown length; headers are sent at once.
     *
     * @param headers names as sent; {@code Content-Type} included
     */
    StreamingAnswer stream(int status, Map<String, String> headers);

    /**
     * Answers 101 and goes on as WebSocket. Everything that can fail is to fail before.
     *
     * @param headers besides those of the handshake, names as sent
     * @throws ClientGoneException nobody waits any more
     */
    WebSocket upgrade(WebSocketOffer.Agreed agreed, Map<String, String> headers) throws ClientGoneException;

    /**
     * Answers 101 and lets the connection carry bytes that are no concern of ours. Everything that can fail is to fail before.
     *
     * @param headers of the handshake and others, names as sent
     * @throws ClientGoneException nobody waits any more
     */
    ByteSocket pass(Map<String, String> headers) throws ClientGoneException;

    /**
     * Runs {@code action} when the server stops and has waited long enough for this call, on any thread; at once if it has already. The
     * action must not block. There is little time left then, after which the connection is cut. A later action replaces an earlier one; a
     * call that was upgraded is told by its socket.
     */
    void onGoingAway(Runnable action);

    /** Runs {@code action} instead of cutting the connection when the caller loses the right to this call. The action must not block. */
    void onRightLost(Runnable action);

    /**
     * Adds an annotation to the audit line of this call. A later value of the same note replaces the earlier one.
     *
     * @param value shortened where it is too long; content of the call in those notes only that are for it, which are dropped unless
     *     {@link #notesContent}
     */
    void note(Note note, String value);

    /** Whether the audit line may hold content of the call, for development. */
    boolean notesContent();

    /**
     * Runs {@code action} once when the client goes away before the answer has ended, on any thread; at once if it already has. The
     * action must not block. A use case that computes a whole answer learns only here that nobody waits for it any more.
     */
    void onClientGone(Runnable action);

    /** Whether the client went away before the answer has ended. */
    boolean isClientGone();

    /** Whether an answer has begun, after which an error can only cut the connection. */
    boolean hasBegun();
}
