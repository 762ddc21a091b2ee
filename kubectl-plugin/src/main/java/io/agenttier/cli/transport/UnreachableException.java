package io.agenttier.cli.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;

/** There is no connection to the server. Nothing was sent, so the request may be repeated. */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreachableException(ServerAddress server, IOException cause) {
        super("Unable to connect to the server %s: %s".formatted(server, why(cause)), cause);
    }

    /** Whether a later try can do better: not if the server's or our own certificate is refused. */
    public boolean isWorthRetrying() {
        return !(getCause() instanceof SSLException);
    }

    private static String why(IOException cause) {
        return switch (cause) {
            case UnknownHostException _ -> "no such host";
            case SocketTimeoutException _ -> "no answer within %d s".formatted(Connector.CONNECT.toSeconds());
            case ConnectException _ -> "connection refused - did you specify the right host or port?";
            case SSLException tls -> "TLS: " + rootMessage(tls);
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static String rootMessage(Throwable e) {
        var root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
