package io.agenttier.controller.sandboxd;

/**
 * Where the daemon of one pod listens and which name its certificate must bear.
 *
 * @param podIp IP literal, IPv4 or IPv6
 * @param port TCP port
 * @param incarnation 8 hex digits of the pod
 */
public record Endpoint(String podIp, int port, String incarnation) {
    /** Port of every sandboxd in a cluster. */
    public static final int PORT = 9000;

    String serverName() {
        return incarnation + ".sandbox.agenttier.io";
    }
}
