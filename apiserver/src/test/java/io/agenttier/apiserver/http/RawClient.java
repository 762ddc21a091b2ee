package io.agenttier.apiserver.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** One TLS connection that sends exactly the bytes it is told, as no HTTP library would. */
public final class RawClient implements AutoCloseable {
    public static final String SERVER_NAME = "agenttier-apiserver.agenttier.svc";

    private final SSLSocket socket;
    private final InputStream in;

    /** One answer. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answer(int status, List<String> headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** First value, or null. */
        public @Nullable String header(String name) {
            var all = headers(name);
            return all.isEmpty() ? null : all.getFirst();
        }

        public List<String> headers(String name) {
            var prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }
    }

    /** @param identity presented to the server, null for none */
    public RawClient(int port, X509Certificate serverAuthority, Certificates.@Nullable Pair identity) throws Exception {
        var trust = KeyStore.getInstance(KeyStore.getDefaultType());
        trust.load(null, null);
        trust.setCertificateEntry("ca", serverAuthority);
        var trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trust);
        var context = SSLContext.getInstance("TLS");
        context.init(keyManagers(identity), trustManagers.getTrustManagers(), null);
        socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        var parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(SERVER_NAME)));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        in = socket.getInputStream();
    }

    private static KeyManager @Nullable [] keyManagers(Certificates.@Nullable Pair identity) throws Exception {
        if (identity == null) {
            return null;
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("me", identity.key(), new char[0], identity.chain().toArray(new X509Certificate[0]));
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        return managers.getKeyManagers();
    }

    public SSLSocket socket() {
        return socket;
    }

    /** Sends text as it is; {@code \n} becomes CRLF. */
    public RawClient send(String lines) throws IOException {
        return sendBytes(lines.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    public RawClient sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** A request with a Host header and no body. */
    public Answer call(String method, String target, String... headers) throws IOException {
        send(method + " " + target + " HTTP/1.1\nHost: x\n" + joined(headers) + "\n");
        return read(method.equals("HEAD"));
    }

    /** A request with a body of known length. */
    public Answer callWithBody(String method, String target, String body, String... headers) throws IOException {
        send(method + " " + target + " HTTP/1.1\nHost: x\nContent-Length: " + body.length() + "\n" + joined(headers)
                + "\n" + body);
        return read(false);
    }

    private static String joined(String... headers) {
        var text = new StringBuilder();
        for (var header : headers) {
            text.append(header).append('\n');
        }
        return text.toString();
    }

    /** Status line and headers of the next answer. */
    public Answer readHead() throws IOException {
        var status = line();
        var headers = new ArrayList<String>();
        for (var line = line(); !line.isEmpty(); line = line()) {
            headers.add(line);
        }
        return new Answer(Integer.parseInt(status.substring(9, 12)), headers, new byte[0]);
    }

    public Answer read(boolean isHead) throws IOException {
        var head = readHead();
        if (isHead || head.status() == 204 || head.status() == 304 || head.status() < 200) {
            return head;
        }
        var body = new ByteArrayOutputStream();
        if ("chunked".equals(head.header("transfer-encoding"))) {
            for (var chunk = chunk(); chunk.length > 0; chunk = chunk()) {
                body.write(chunk);
            }
        } else {
            body.write(exactly(Integer.parseInt(head.headers("content-length").getFirst())));
        }
        return new Answer(head.status(), head.headers(), body.toByteArray());
    }

    /** Next chunk; empty for the last one. */
    public byte[] chunk() throws IOException {
        int length = Integer.parseInt(line(), 16);
        var chunk = exactly(length);
        line();
        return chunk;
    }

    /** Whether the server has closed the connection and sent nothing before. */
    public boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    byte[] exactly(int length) throws IOException {
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended inside a body");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ended inside a line: \"" + line + "\"");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
