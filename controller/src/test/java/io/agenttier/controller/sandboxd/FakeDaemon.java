package io.agenttier.controller.sandboxd;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.agenttier.controller.pki.Authority;
import io.agenttier.controller.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A pod's daemon that answers as a test wants and notes what it was asked. */
final class FakeDaemon implements AutoCloseable {
    record Asked(String call, String authorization, String body) {}

    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final HttpsServer server;
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

    /** @param certified incarnation that its certificate names */
    FakeDaemon(Authority authority, String certified) throws IOException, GeneralSecurityException {
        var issued = authority.issue(new Leaf.Pod(certified), Instant.now(), new SecureRandom());
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("pod", issued.key(), new char[0], new Certificate[] {issued.certificate()});
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        var tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    static Signer signer(Authority authority) {
        var issued = authority.issue(new Leaf.Signer("controller"), Instant.now(), new SecureRandom());
        return new Signer(issued.key(), issued.certificate(), List.of(authority.certificate()));
    }

    Endpoint endpoint(String incarnation) {
        return new Endpoint("127.0.0.1", server.getAddress().getPort(), incarnation);
    }

    FakeDaemon answer(int status, String body) {
        return answer(exchange -> {
            exchange.getResponseHeaders().set("AgentTier-Protocol", "1");
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    FakeDaemon answer(Answer answer) {
        answers.add(answer);
        return this;
    }

    Asked asked() throws InterruptedException {
        return asked.take();
    }

    boolean wasAsked() {
        return !asked.isEmpty();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(new Asked(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    body));
            answers.take().to(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
