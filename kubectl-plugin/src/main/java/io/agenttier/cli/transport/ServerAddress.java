package io.agenttier.cli.transport;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where kube-apiserver listens.
 *
 * @param tls false only for {@code http://} addresses, such as that of {@code kubectl proxy}
 * @param host name or IP address, without brackets
 * @param basePath prefix of all paths without a slash at its end; mostly empty
 */
public record ServerAddress(boolean tls, String host, int port, String basePath) {
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    /**
     * @param text for example {@code https://10.0.0.1:6443}; without a scheme it is https, as for kubectl
     * @throws IllegalArgumentException with a message for the user
     */
    public static ServerAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text.contains("://") ? text : "https://" + text);
        } catch (URISyntaxException e) {
            throw bad(text);
        }
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        boolean isPlain = "http".equalsIgnoreCase(uri.getScheme());
        var host = uri.getHost();
        if ((!tls && !isPlain) || host == null || uri.getQuery() != null || uri.getUserInfo() != null) {
            throw bad(text);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS : HTTP;
        var path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return new ServerAddress(tls, host, port, path);
    }

    /** For the {@code Host} header. */
    String authority() {
        var name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (tls ? HTTPS : HTTP) ? name : name + ":" + port;
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + authority() + basePath;
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException(
                "server \"" + text + "\" is no address: expected https://HOST[:PORT][/PATH]");
    }
}
