package io.agenttier.cli.fake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/** kube-apiserver as far as a client on the wire can tell: TLS, optional client certificates, one call a connection, answers by the test. */
public final class FakeApiServer implements AutoCloseable {
    /** Answers one call. An exception drops the connection. */
    @FunctionalInterface
    public interface Handler {
        void answer(Call call, Reply reply) throws Exception;
    }

    private static final char[] PASSWORD = {};

    private final TestCertificates authority;
    private final SSLServerSocket socket;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile Handler handler = (call, reply) -> reply.plain(404, "404 page not found\n");

    public FakeApiServer() throws Exception {
        authority = TestCertificates.authority();
        var own = authority.issue("kube-apiserver", "127.0.0.1");
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", own.key().getPrivate(), PASSWORD, new Certificate[] {own.certificate()});
        keys.setCertificateEntry("ca", authority.certificate());
        var keyManagers = KeyManagerFactory.getInstance("PKIX");
        keyManagers.init(keys, PASSWORD);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(keys);
        var context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        // so that a client soon waits for a server that does not read
        socket.setReceiveBufferSize(32 * 1024);
        socket.setWantClientAuth(true);
        Thread.ofVirtual().start(this::serve);
    }

    public FakeApiServer answering(Handler next) {
        handler = next;
        return this;
    }

    /** All calls so far, in order of arrival. */
    public List<Call> calls() {
        return calls;
    }

    public String url() {
        return "https://127.0.0.1:" + socket.getLocalPort();
    }

    public TestCertificates authority() {
        return authority;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                var connection = socket.accept();
                Thread.ofVirtual().start(() -> {
                    try (connection) {
                        var in = new BufferedInputStream(connection.getInputStream());
                        var call = read(in);
                        calls.add(call);
                        handler.answer(call, new Reply(in, connection.getOutputStream()));
                    } catch (Exception dropped) {
                        // what the test wanted, or a client that did not like our certificate
                    }
                });
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static Call read(InputStream in) throws IOException {
        var first = line(in).split(" ", -1);
        var headers = new HashMap<String, String>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Call(first[0], first[1], headers, new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the client went away");
            }
            line.append((char) b);
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
    }
}
