package io.agenttier.apiserver.http;

import java.time.Duration;

/**
 * Bounds of the network side.
 *
 * @param lineBytes request line; kube-apiserver forwards long {@code command=} queries
 * @param headerBytes all header lines together; one {@code X-Remote-Group} line a group
 * @param headerBudgetBytes headers held by all connections together beyond 16 KiB each
 * @param handshake TLS handshake
 * @param headers from the first byte of a request (or the end of the handshake) to the end of its headers
 * @param idle between two requests; above the 90 s that kube-apiserver keeps idle connections, else its POSTs race with our close
 * @param stall longest wait for a byte of a body, or for a client to take a byte of an answer
 * @param connections open at once; more are closed before their handshake
 */
public record HttpLimits(
        int lineBytes,
        int headerBytes,
        long headerBudgetBytes,
        Duration handshake,
        Duration headers,
        Duration idle,
        Duration stall,
        int connections) {

    public static HttpLimits defaults() {
        return new HttpLimits(
                1 << 20,
                1 << 20,
                64L << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(32),
                Duration.ofSeconds(150),
                Duration.ofSeconds(60),
                20_000);
    }
}
