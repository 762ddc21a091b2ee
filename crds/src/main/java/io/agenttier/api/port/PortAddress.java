package io.agenttier.api.port;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Names;
import org.jspecify.annotations.Nullable;

/** Where a declared port is reached, once its objects are there. */
public final class PortAddress {
    private PortAddress() {}

    /** Inside the cluster, by the DNS name of its Service: {@code http://pf-demo-8080.team1.svc:8080}, or {@code tcp://…}. */
    public static String internalUrl(String namespace, String sandbox, DeclaredPort port) {
        return "%s://%s.%s.svc:%d"
                .formatted(port.protocolOrDefault(), Names.portName(sandbox, port.port()), namespace, port.port());
    }

    /** By its Ingress, for example {@code http://sandbox-demo-8080-57601e2c28.preview.example.com}; null for what has none. */
    public static @Nullable String previewUrl(
            String namespace, String sandbox, DeclaredPort port, @Nullable PreviewHosts previews) {
        return port.speaksHttp() && previews != null && sandbox.length() <= previews.sandboxNameMax()
                ? "http://" + previews.host(sandbox, namespace, port.port())
                : null;
    }
}
