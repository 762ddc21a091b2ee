package io.agenttier.cli.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Opens connections to one server. */
final class Connector {
    static final Duration CONNECT = Duration.ofSeconds(15);

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** A key share of one group only: making several costs 130 ms of a cold start. */
    private static final String[] FAST_GROUP = {"x25519"};

    private final Target target;

    Connector(Target target) {
        this.target = target;
    }

    /** @throws UnreachableException if there is no connection; nothing was sent then */
    Socket open(SSLSocketFactory factory) throws UnreachableException {
        var server = target.server();
        try {
            if (!server.tls()) {
                return plain();
            }
            try {
                return handshake(factory, FAST_GROUP);
            } catch (SSLHandshakeException e) {
                if (isAboutCertificates(e)) {
                    throw e;
                }
                return handshake(factory, new String[0]);
            }
        } catch (IOException e) {
            throw new UnreachableException(server, e);
        }
    }

    private SSLSocket handshake(SSLSocketFactory factory, String[] groups) throws IOException {
        var plain = plain();
        try {
            var serverName = target.serverName();
            var name =
                    serverName == null || serverName.isEmpty() ? target.server().host() : serverName;
            var socket = (SSLSocket)
                    factory.createSocket(plain, name, target.server().port(), true);
            var parameters = new SSLParameters();
            parameters.setProtocols(PROTOCOLS);
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (groups.length > 0) {
                parameters.setNamedGroups(groups);
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private Socket plain() throws IOException {
        var proxy = target.proxy();
        var first = proxy == null ? target.server() : proxy;
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setSoTimeout((int) CONNECT.toMillis());
            socket.connect(new InetSocketAddress(first.host(), first.port()), (int) CONNECT.toMillis());
            if (proxy != null) {
                tunnel(socket);
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void tunnel(Socket socket) throws IOException {
        var server = target.server();
        var host = server.host().indexOf(':') >= 0 ? "[" + server.host() + "]" : server.host();
        var authority = host + ":" + server.port();
        socket.getOutputStream()
                .write("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n"
                        .formatted(authority, authority)
                        .getBytes(StandardCharsets.ISO_8859_1));
        var head = ResponseHead.read(new WireInput(socket.getInputStream(), 1));
        if (head.status() / 100 != 2) {
            throw new IOException("proxy %s refused the connection with %d %s"
                    .formatted(target.proxy(), head.status(), head.phrase()));
        }
    }

    private static boolean isAboutCertificates(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof java.security.cert.CertPathBuilderException) {
                return true;
            }
        }
        return false;
    }
}
