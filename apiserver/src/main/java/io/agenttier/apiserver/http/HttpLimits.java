package io.agenttier.apiserver.http;

import java.time.Duration;

/**
 * Bounds of the network side.
 *
 * @param lineBytes request line; kube-apiserver forwards long {@code command=} queries
 * @param headerBytes all header lines together; one {@code X-Remote-Group} line a group
 * @param headerBudgetBytes headers held by all connections together beyond 4 KiB each
 * @param handshake TLS handshake
 * @param headers from the first byte of a request (or the end of the handshake) to the end of its headers
 * @param idle between two requests; above the 90 s that kube-apiserver keeps idle connections, else its POSTs race with our close
 * @param stall longest wait for a byte of a body, or for a client to take a byte of an answer
 * @param bodyBytesPerSecond least average of a body of limited length, once {@code stall} has passed
 * @param outboundBytes sent and not taken yet, of all connections together; beyond it each gets small pieces
 * @param connections open at once; one more is closed before its handshake
 */
public record HttpLimits(
        int lineBytes,
        int headerBytes,
        long headerBudgetBytes,
        Duration handshake,
        Duration headers,
        Duration idle,
        Duration stall,
        int bodyBytesPerSecond,
        long outboundBytes,
        int connections) {

    /**
     * @param headerBytes also of the request line
     * @param connections as above
     */
    public static HttpLimits of(int headerBytes, int connections) {
        return new HttpLimits(
                headerBytes,
                headerBytes,
                32L << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(32),
                Duration.ofSeconds(150),
                Duration.ofSeconds(60),
                4 << 10,
                40L << 20,
                connections);
    }
}
