package io.agenttier.api;

/**
 * A probe by opening a TCP connection to the pod itself.
 *
 * @param port Port number or name of a port of the container.
 */
public record TcpSocketAction(String port) {
    public TcpSocketAction {
        port = Wire.text(port);
    }
}
