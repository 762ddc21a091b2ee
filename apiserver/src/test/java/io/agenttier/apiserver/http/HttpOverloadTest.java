package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow, many, or take nothing, and the others beside them. */
@Timeout(60)
class HttpOverloadTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final Certificates authority = new Certificates("server-ca");
    private final Metrics metrics = new Metrics();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong left = new AtomicLong();
    private final Semaphore held = new Semaphore(0);
    private final CountDownLatch go = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        start(1 << 20, 32 << 20, LONG, LONG, 100);
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    /** @param headers and {@code stall} are the time limits */
    private void start(int headerBytes, long headerBudget, Duration headers, Duration stall, int connections)
            throws Exception {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        var tls = new ServingTls();
        var pair = authority.server(RawClient.SERVER_NAME);
        tls.use(pair.key(), pair.chain());
        var limits = new HttpLimits(
                headerBytes, headerBytes, headerBudget, LONG, headers, LONG, stall, 100 << 20, 256 << 10, connections);
        server = HttpServer.start(0, tls, limits, this::serve, metrics, InstantSource.system());
    }

    private void start(Duration headers, Duration stall) throws Exception {
        start(1 << 20, 32 << 20, headers, stall, 100);
    }

    private void serve(Incoming incoming, Exchange exchange) {
        try {
            switch (incoming.rawPath()) {
                case "/read" -> {
                    int length = exchange.body(1 << 20).readAllBytes().length;
                    exchange.answer(Answers.text(200, Integer.toString(length)));
                }
                case "/endless" -> {
                    var socket = exchange.upgrade(
                            new WebSocketOffer.Agreed(
                                    incoming.header("sec-websocket-key").orElse(""), "v5.channel.k8s.io"),
                            Map.of());
                    while (true) {
                        socket.send(1, new byte[65536], 0, 65536);
                        sent.addAndGet(65536);
                    }
                }
                case "/stream" -> {
                    var stream = exchange.stream(200, Map.of("Content-Type", "application/octet-stream"));
                    for (int i = 0; i < 20; i++) {
                        stream.write(new byte[65536], 0, 65536);
                    }
                    stream.end();
                }
                case "/hold" -> {
                    held.release();
                    if (!go.await(30, TimeUnit.SECONDS)) {
                        throw new IOException("nobody lets go");
                    }
                    exchange.answer(Answers.text(200, "ok"));
                }
                case "/large" -> {
                    exchange.answer(Answers.text(200, "x".repeat(50_000)));
                    sent.addAndGet(50_000);
                }
                default -> exchange.answer(Answers.text(200, "ok"));
            }
        } catch (ApiException e) {
            exchange.answer(Answers.error(e.error()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            left.incrementAndGet();
        }
    }

    private RawClient client() throws Exception {
        return new RawClient(server.port(), authority.authority(), null);
    }

    private void assertServed(int times) throws Exception {
        try (var client = client()) {
            for (int i = 0; i < times; i++) {
                assertThat(client.call("GET", "/").text()).isEqualTo("ok");
            }
        }
    }

    private void awaitCounted(String sample) {
        await().atMost(LONG).untilAsserted(() -> assertThat(metrics.text()).contains(sample));
    }

    @Test
    void closesThoseWhoseHeadersComeSlowlyAndServesOthersMeanwhile() throws Exception {
        start(SHORT, LONG);
        var slow = new ArrayList<RawClient>();
        for (int i = 0; i < 20; i++) {
            slow.add(client().send("GET / HTTP/1.1\nHost: x\nX-Slow:"));
        }
        assertServed(10);
        for (var client : slow) {
            assertThat(client.isClosed()).isTrue();
            client.close();
        }
        awaitCounted("agenttier_apiserver_connections_cut_total{limit=\"header_time\",} 20.0");
    }

    @Test
    void endsABodyThatDripsInsteadOfStandingStill() throws Exception {
        start(LONG, SHORT);
        try (var client = client()) {
            client.send("POST /read HTTP/1.1\nHost: x\nContent-Length: 1000000\n\n");
            var dripping = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        client.sendBytes(new byte[1]);
                    }
                } catch (IOException e) {
                    Thread.currentThread().interrupt(); // the server has closed the connection
                }
            });
            assertServed(10);
            var answer = client.read(false);
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.text()).contains("\"reason\":\"RequestTimeout\"", "comes too slowly");
            assertThat(answer.header("connection")).isEqualTo("close");
            dripping.join();
        }
        awaitCounted("agenttier_apiserver_connections_cut_total{limit=\"body_time\",} 1.0");
    }

    @Test
    void answersHeadsThatAreTooLargeWithAStatus() throws Exception {
        start(8 << 10, 32 << 20, LONG, LONG, 100);
        try (var client = client()) {
            var answer = client.call("GET", "/", "X: " + "a".repeat(9_000));
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.text()).contains("\"reason\":\"RequestHeaderFieldsTooLarge\"");
        }
        try (var client = client()) {
            var answer = client.call("GET", "/?command=" + "a".repeat(9_000));
            assertThat(answer.status()).isEqualTo(414);
            assertThat(answer.text()).contains("\"reason\":\"RequestURITooLong\"");
        }
        awaitCounted("agenttier_apiserver_request_heads_refused_total{reason=\"headers_too_large\",} 1.0");
        awaitCounted("agenttier_apiserver_request_heads_refused_total{reason=\"line_too_long\",} 1.0");
        assertServed(1);
    }

    @Test
    void refusesHeadsThatTogetherTakeTooMuchMemory() throws Exception {
        start(1 << 20, 100_000, LONG, LONG, 100);
        var large = " HTTP/1.1\nHost: x\nX: " + "a".repeat(60_000);
        try (var first = client().send("GET /hold" + large + "\n\n")) {
            assertThat(held.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            var second = client().send("GET /" + large);
            var answer = second.read(false);
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.header("retry-after")).isEqualTo("1");
            assertThat(answer.text()).contains("\"retryAfterSeconds\":1");
            assertServed(10);
            go.countDown();
            assertThat(first.read(false).status()).isEqualTo(200);
            second.socket().close();
        }
        try (var third = client()) {
            assertThat(third.send("GET /" + large + "\n\n").read(false).status())
                    .isEqualTo(200);
        }
        awaitCounted("agenttier_apiserver_connections_cut_total{limit=\"header_memory\",} 1.0");
    }

    @Test
    void refusesNewConnectionsAboveTheLimitAndKeepsTheOldOnes() throws Exception {
        start(1 << 20, 32 << 20, LONG, LONG, 2);
        try (var first = client();
                var second = client()) {
            assertThat(first.call("GET", "/").status()).isEqualTo(200);
            assertThat(second.call("GET", "/").status()).isEqualTo(200);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(this::client))
                    .isInstanceOf(IOException.class);
            awaitCounted("agenttier_apiserver_connections_cut_total{limit=\"connections\",} 1.0");
            assertThat(first.call("GET", "/").status()).isEqualTo(200);
            assertThat(second.call("GET", "/").status()).isEqualTo(200);
        }
    }

    @Test
    void servesNoFurtherRequestOfAClientThatTakesNoAnswers() throws Exception {
        int requests = 500;
        try (var client = client()) {
            client.send("GET /large HTTP/1.1\nHost: x\n\n".repeat(requests));
            awaitStandstill();
            assertThat(sent.get()).isLessThan(requests * 50_000L);
            assertServed(10);
            for (int i = 0; i < requests; i++) {
                assertThat(client.read(false).body()).hasSize(50_000);
            }
            assertThat(client.call("GET", "/").text()).isEqualTo("ok");
        }
    }

    @Test
    void holdsLittleForWebSocketsThatTakeNothingAndServesThoseThatDo() throws Exception {
        var stuck = new ArrayList<WebSocketPeer>();
        for (int i = 0; i < 20; i++) {
            var peer = new WebSocketPeer(client());
            assertThat(peer.handshake("/endless").status()).isEqualTo(101);
            stuck.add(peer);
        }
        awaitStandstill();
        assertServed(10);
        try (var reader = client()) {
            reader.send("GET /stream HTTP/1.1\nHost: x\n\n");
            assertThat(reader.read(false).body()).hasSize(20 * 65536);
        }
        try (var peer = new WebSocketPeer(client())) {
            assertThat(peer.handshake("/endless").status()).isEqualTo(101);
            long read = 0;
            while (read < 4 << 20) {
                read += peer.read().payload().length;
            }
        }
        assertThat(left.get()).as("nobody who takes nothing is cut at once").isLessThanOrEqualTo(1);
        for (var peer : stuck) {
            peer.close();
        }
    }

    @Test
    void letsGoOfAClientThatTakesNothingOfItsAnswer() throws Exception {
        start(LONG, SHORT);
        try (var client = client()) {
            client.socket().setReceiveBufferSize(4096);
            client.send("GET /stream HTTP/1.1\nHost: x\n\n".repeat(20));
            awaitCounted("agenttier_apiserver_connections_cut_total{limit=\"answer_time\",} 1.0");
            assertServed(10);
        }
    }

    private void awaitStandstill() {
        var last = new AtomicLong(-1);
        await().during(Duration.ofMillis(500))
                .atMost(LONG)
                .until(() -> last.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
    }
}
