package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A port of the sandbox that is reachable through a Service.
 *
 * @param port Port number inside the pod.
 * @param protocol http gets a Service and a preview address, tcp a Service only.
 * @param name Name for people and for the port of the Service.
 */
public record DeclaredPort(
        int port, @Nullable String protocol, @Nullable String name) {
    public static final String HTTP = "http";
    public static final String TCP = "tcp";

    /** Whether it has a preview where there are previews. */
    public boolean speaksHttp() {
        return !TCP.equals(protocol);
    }

    public String protocolOrDefault() {
        return speaksHttp() ? HTTP : TCP;
    }
}
