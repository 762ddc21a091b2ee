package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A probe by HTTP GET to the pod itself.
 *
 * @param path Path of the request; / when absent.
 * @param port Port number or name of a port of the container.
 * @param scheme HTTP when absent.
 * @param httpHeaders Further headers of the request.
 */
public record HttpGetAction(
        @Nullable String path, String port, @Nullable String scheme, List<HttpHeader> httpHeaders) {
    public HttpGetAction {
        port = Wire.text(port);
        httpHeaders = Wire.list(httpHeaders);
    }
}
