package io.agenttier.apiserver.sandboxd;

/**
 * Where the daemon of one pod listens and which name its certificate must bear.
 *
 * @param podIp IP literal, IPv4 or IPv6
 * @param port TCP port, 9000 in a cluster
 * @param incarnation 8 hex digits, made with the pod's Secret and never used again
 */
public record Endpoint(String podIp, int port, String incarnation) {
    /** Port of every sandboxd. */
    public static final int PORT = 9000;

    private static final String DOMAIN = ".sandbox.agenttier.io";

    String serverName() {
        return incarnation + DOMAIN;
    }
}
