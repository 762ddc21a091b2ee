package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpServerTest {
    private final Certificates authority = new Certificates("server-ca");
    private final ServingTls tls = new ServingTls();
    private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private HttpServer server;

    interface Use {
        void serve(Incoming incoming, Exchange exchange) throws IOException;
    }

    private volatile Use use = (incoming, exchange) -> exchange.answer(Answers.text(200, incoming.target()));

    @BeforeEach
    void start() throws Exception {
        start(limits(Duration.ofSeconds(32), Duration.ofSeconds(150)));
    }

    private void start(HttpLimits limits) throws Exception {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        var pair = authority.server(RawClient.SERVER_NAME);
        tls.use(pair.key(), pair.chain());
        server = HttpServer.start(0, tls, limits, this::serve, new Metrics(), InstantSource.system());
    }

    private static HttpLimits limits(Duration headers, Duration idle) {
        return limits(headers, idle, 50);
    }

    private static HttpLimits limits(Duration headers, Duration idle, int connections) {
        return new HttpLimits(
                1 << 20,
                1 << 20,
                64L << 20,
                Duration.ofSeconds(10),
                headers,
                idle,
                Duration.ofSeconds(20),
                1,
                1 << 20,
                connections);
    }

    private void serve(Incoming incoming, Exchange exchange) {
        try {
            use.serve(incoming, exchange);
        } catch (IOException | ApiException e) {
            failures.add(e);
            if (!exchange.hasBegun() && e instanceof ApiException error) {
                exchange.answer(Answers.error(error.error()));
            }
        }
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    private RawClient client() throws Exception {
        return new RawClient(server.port(), authority.authority(), null);
    }

    @Test
    void servesManyRequestsOnOneConnection() throws Exception {
        try (var client = client()) {
            for (int i = 0; i < 100; i++) {
                assertThat(client.call("GET", "/" + i).text()).isEqualTo("/" + i);
            }
        }
    }

    @Test
    void choosesHttp1WhereTheClientOffersHttp2() throws Exception {
        try (var client = client()) {
            assertThat(client.socket().getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    @Test
    void answersPipelinedRequestsInOrderAndOneAfterTheOther() throws Exception {
        var running = new Semaphore(1);
        use = (incoming, exchange) -> {
            assertThat(running.tryAcquire()).isTrue();
            var body = new String(exchange.body(100).readAllBytes(), StandardCharsets.UTF_8);
            running.release();
            exchange.answer(Answers.text(200, incoming.target() + body));
        };
        try (var client = client()) {
            var all = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                all.append("POST /")
                        .append(i)
                        .append(" HTTP/1.1\nHost: x\nContent-Length: 3\n\nab")
                        .append(i % 10);
            }
            client.send(all.toString());
            for (int i = 0; i < 20; i++) {
                assertThat(client.read(false).text()).isEqualTo("/" + i + "ab" + i % 10);
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void refusesLengthTogetherWithChunks() throws Exception {
        try (var client = client()) {
            client.send(
                    "POST /a HTTP/1.1\nHost: x\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /b HTTP/1.1\nHost: x\n\n");
            var answer = client.read(false);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("both Content-Length and Transfer-Encoding");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a HTTP/1.1\n\n",
                "GET /a HTTP/1.1\nHost: x\nHost: y\n\n",
                "GET /a HTTP/2.0\nHost: x\n\n",
                "GET /a HTTP/1.1\nHost: x\nExpect: tea\n\n",
                "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: gzip, chunked\n\n0\n\n",
                "POST /a HTTP/1.1\nHost: x\nTransfer-Encoding: identity\n\n",
                "POST /a HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n",
                "POST /a HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\nab",
                "POST /a HTTP/1.1\nHost: x\nContent-Length: -1\n\n",
                "POST /a HTTP/1.1\nHost: x\nContent-Length: +1\n\na",
                "GET /a HTTP/1.1\nHost: x\nBad Name: y\n\n",
                "GET /a HTTP/1.1\nHost: x\nName : y\n\n",
                "GARBAGE\n\n",
            })
    void refusesWhatIsNoHttp(String request) throws Exception {
        try (var client = client()) {
            client.send(request);
            var answer = client.read(false);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("\"reason\":\"BadRequest\"");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void refusesBareLineFeeds() throws Exception {
        try (var client = client()) {
            client.sendBytes("GET /a HTTP/1.1\nHost: x\n\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.read(false).status()).isEqualTo(400);
        }
    }

    @Test
    void takesHeadersOfHalfAMebibyte() throws Exception {
        use = (incoming, exchange) -> exchange.answer(Answers.text(
                200,
                ""
                        + incoming.headers()
                                .getOrDefault("x-remote-group", List.of())
                                .size()));
        try (var client = client()) {
            var request = new StringBuilder("GET / HTTP/1.1\nHost: x\n");
            for (int i = 0; i < 10_000; i++) {
                request.append("X-Remote-Group: a-group-with-a-long-name-number-")
                        .append(i)
                        .append('\n');
            }
            client.send(request.append('\n').toString());
            assertThat(client.read(false).text()).isEqualTo("10000");
        }
    }

    @Test
    void refusesHeadersAboveTheLimit() throws Exception {
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\nX: ");
            try {
                var block = "a".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 17; i++) {
                    client.sendBytes(block);
                }
                client.send("\n\n");
            } catch (IOException e) {
                return;
            }
            assertThat(client.read(false).status()).isEqualTo(431);
        }
    }

    @Test
    void closesConnectionsThatTakeTooLongForTheirHeaders() throws Exception {
        start(limits(Duration.ofMillis(200), Duration.ofSeconds(150)));
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost:");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void closesIdleConnections() throws Exception {
        start(limits(Duration.ofSeconds(32), Duration.ofMillis(200)));
        try (var client = client()) {
            assertThat(client.call("GET", "/a").status()).isEqualTo(200);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void readsBodiesNoFasterThanTheyAreTaken() throws Exception {
        var go = new CountDownLatch(1);
        var size = 8 << 20;
        use = (_, exchange) -> {
            await(go);
            exchange.answer(Answers.text(200, "" + exchange.body(size).readAllBytes().length));
        };
        try (var client = client()) {
            var sent = new AtomicBoolean();
            var sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send("POST / HTTP/1.1\nHost: x\nContent-Length: " + size + "\n\n");
                    client.sendBytes(new byte[size]);
                    sent.set(true);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(sender.join(Duration.ofMillis(500))).isFalse();
            assertThat(sent).isFalse();
            go.countDown();
            assertThat(client.read(false).text()).isEqualTo("" + size);
        }
    }

    @Test
    void asksForTheBodyOnlyWhenItIsWanted() throws Exception {
        use = (incoming, exchange) -> exchange.answer(
                incoming.target().equals("/no")
                        ? Answers.text(403, "no")
                        : Answers.text(200, new String(exchange.body(10).readAllBytes(), StandardCharsets.UTF_8)));
        try (var client = client()) {
            client.send("POST /yes HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
            assertThat(client.readHead().status()).isEqualTo(100);
            client.send("hi");
            assertThat(client.read(false).text()).isEqualTo("hi");
            client.send("POST /no HTTP/1.1\nHost: x\nContent-Length: 2\nExpect: 100-continue\n\n");
            var refused = client.read(false);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.header("connection")).isEqualTo("close");
        }
    }

    @Test
    void goesOnAfterARefusalThatDidNotReadASmallBody() throws Exception {
        use = (_, exchange) -> exchange.answer(Answers.text(403, "no"));
        try (var client = client()) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.callWithBody("POST", "/", "x".repeat(100_000)).status())
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void closesAfterARefusalThatDidNotReadALargeBody() throws Exception {
        use = (_, exchange) -> exchange.answer(Answers.text(413, "no"));
        try (var client = client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 100000000\n\nabc");
            var answer = client.read(false);
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.header("connection")).isEqualTo("close");
        }
    }

    @Test
    void refusesABodyAboveItsLimit() throws Exception {
        use = (_, exchange) ->
                exchange.answer(Answers.text(200, "" + exchange.body(10).readAllBytes().length));
        try (var client = client()) {
            var declared = client.callWithBody("POST", "/", "x".repeat(11));
            assertThat(declared.status()).isEqualTo(413);
            assertThat(declared.text()).contains("11 bytes, the limit is 10 bytes");
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nb\n01234567890\n0\n\n");
            var chunked = client.read(false);
            assertThat(chunked.status()).isEqualTo(413);
            assertThat(chunked.text()).contains("more than 10");
        }
    }

    @Test
    void failsTheReadWhenChunksAreBroken() throws Exception {
        use = (_, exchange) -> exchange.body(100).readAllBytes();
        try (var client = client()) {
            client.send("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\nabc\n");
            assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessageContaining("no valid HTTP/1.1");
        }
    }

    @Test
    void sendsEachPieceOfAStreamAtOnce() throws Exception {
        var taken = new Semaphore(0);
        use = (_, exchange) -> {
            var stream = exchange.stream(200, Map.of("Content-Type", "text/event-stream"));
            for (int i = 0; i < 5; i++) {
                var piece = ("event " + i).getBytes(StandardCharsets.UTF_8);
                stream.write(piece, 0, piece.length);
                await(taken);
            }
            stream.end();
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            assertThat(client.readHead().header("transfer-encoding")).isEqualTo("chunked");
            for (int i = 0; i < 5; i++) {
                assertThat(new String(client.chunk(), StandardCharsets.UTF_8)).isEqualTo("event " + i);
                taken.release();
            }
            assertThat(client.chunk()).isEmpty();
        }
    }

    @Test
    void endsAChunkedAnswerWithItsTrailers() throws Exception {
        use = (_, exchange) -> {
            var stream = exchange.stream(200, Map.of("Trailer", "X-Sum"));
            stream.write(new byte[] {'a'}, 0, 1);
            stream.end(Map.of("X-Sum", "7"));
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            assertThat(client.readHead().header("trailer")).isEqualTo("X-Sum");
            assertThat(client.chunk()).containsExactly('a');
            assertThat(new String(client.exactly(15), StandardCharsets.US_ASCII))
                    .isEqualTo("0\r\nX-Sum: 7\r\n\r\n");
        }
    }

    @Test
    void streamsNothingAfterAHeadThatHasNoContent() throws Exception {
        use = (_, exchange) -> {
            var stream = exchange.stream(304, Map.of("Content-Length", "5"));
            stream.write(new byte[5], 0, 5);
            stream.end();
        };
        try (var client = client()) {
            for (int i = 0; i < 2; i++) {
                var answer = client.call("GET", "/");
                assertThat(answer.header("transfer-encoding")).isNull();
                assertThat(answer.header("content-length")).isEqualTo("5");
            }
        }
    }

    @Test
    void waitsForAClientThatReadsSlowly() throws Exception {
        var written = new AtomicBoolean();
        var size = 32 << 20;
        use = (_, exchange) -> {
            var stream = exchange.stream(200, Map.of("Content-Type", "application/octet-stream"));
            var block = new byte[1 << 20];
            for (int i = 0; i < 32; i++) {
                stream.write(block, 0, block.length);
            }
            written.set(true);
            stream.end();
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            client.readHead();
            assertThat(client.chunk()).isNotEmpty();
            assertThat(written).isFalse();
            long rest = 0;
            for (var chunk = client.chunk(); chunk.length > 0; chunk = client.chunk()) {
                rest += chunk.length;
            }
            assertThat(rest).isEqualTo(size - 64 * 1024);
        }
    }

    @Test
    void tellsWhenAClientLeavesAlthoughNothingIsBeingSent() throws Exception {
        var gone = new CountDownLatch(1);
        var served = new CountDownLatch(1);
        use = (_, exchange) -> {
            exchange.onClientGone(gone::countDown);
            served.countDown();
            await(gone);
        };
        try (var client = client()) {
            client.send("POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\nhi");
            await(served);
        }
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void doesNotCallAClientGoneThatGotItsAnswer() throws Exception {
        var gone = new AtomicBoolean();
        use = (_, exchange) -> {
            exchange.onClientGone(() -> gone.set(true));
            exchange.answer(Answers.text(200, "ok"));
        };
        try (var client = client()) {
            client.call("GET", "/");
        }
        try (var next = client()) {
            next.call("GET", "/");
        }
        assertThat(gone).isFalse();
    }

    @Test
    void failsWritesAfterTheClientLeft() throws Exception {
        use = (_, exchange) -> {
            var stream = exchange.stream(200, Map.of("Content-Type", "text/plain"));
            while (true) {
                stream.write(new byte[1024], 0, 1024);
            }
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            client.readHead();
        }
        assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessage("the client went away");
    }

    @Test
    void cutsAnAnswerThatDidNotEnd() throws Exception {
        use = (_, exchange) -> {
            var stream = exchange.stream(200, Map.of("Content-Type", "text/plain"));
            stream.write(new byte[] {'a'}, 0, 1);
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            assertThatThrownBy(() -> client.read(false)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void answersHeadWithTheLengthAndNoBody() throws Exception {
        try (var client = client()) {
            assertThat(client.call("HEAD", "/abc").header("content-length")).isEqualTo("4");
            assertThat(client.call("GET", "/next").text()).isEqualTo("/next");
        }
    }

    @Test
    void sendsLargeAnswersWhole() throws Exception {
        use = (_, exchange) ->
                exchange.answer(new Answer(200, Map.of("Content-Type", "text/plain"), new byte[5 << 20]));
        try (var client = client()) {
            assertThat(client.call("GET", "/").body()).hasSize(5 << 20);
            assertThat(client.call("GET", "/").body()).hasSize(5 << 20);
        }
    }

    @Test
    void answers500ForABugAndServesOn() throws Exception {
        use = (incoming, exchange) -> {
            if (incoming.target().equals("/bug")) {
                throw new IllegalStateException("secret detail");
            }
            exchange.answer(Answers.text(200, "fine"));
        };
        try (var client = client()) {
            var answer = client.call("GET", "/bug");
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).contains("InternalError").doesNotContain("secret detail");
            assertThat(client.call("GET", "/").text()).isEqualTo("fine");
        }
    }

    @Test
    void passesOnWhateverCertificateTheClientHas() throws Exception {
        use = (incoming, exchange) -> exchange.answer(Answers.text(
                200,
                incoming.certificates().isEmpty()
                        ? "none"
                        : incoming.certificates()
                                .getFirst()
                                .getSubjectX500Principal()
                                .getName()));
        try (var client = client()) {
            assertThat(client.call("GET", "/").text()).isEqualTo("none");
        }
        var stranger = new Certificates("unknown-ca").client("CN=stranger");
        try (var client = new RawClient(server.port(), authority.authority(), stranger)) {
            assertThat(client.call("GET", "/").text()).isEqualTo("CN=stranger");
        }
    }

    @Test
    void changesItsCertificateWithoutAFailedHandshake() throws Exception {
        var rotating = new AtomicBoolean(true);
        var rotator = Thread.ofVirtual().start(() -> {
            while (rotating.get()) {
                var pair = authority.server(RawClient.SERVER_NAME);
                try {
                    tls.use(pair.key(), pair.chain());
                } catch (IOException e) {
                    failures.add(e);
                }
            }
        });
        try (var old = client()) {
            var seen = new HashSet<Object>();
            for (int i = 0; i < 50; i++) {
                try (var client = client()) {
                    assertThat(client.call("GET", "/" + i).text()).isEqualTo("/" + i);
                    seen.add(client.socket().getSession().getPeerCertificates()[0]);
                }
            }
            assertThat(seen.size()).isGreaterThan(1);
            assertThat(old.call("GET", "/old").text()).isEqualTo("/old");
        } finally {
            rotating.set(false);
            rotator.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void keepsAHundredStreamsOpenWhileItsCertificateChanges() throws Exception {
        start(limits(Duration.ofSeconds(32), Duration.ofSeconds(150), 101));
        var rounds = new ConcurrentHashMap<String, BlockingQueue<Integer>>();
        use = (incoming, exchange) -> {
            var mine = rounds.computeIfAbsent(incoming.rawPath(), _ -> new LinkedBlockingQueue<>());
            var stream = exchange.stream(200, Map.of("Content-Type", "text/event-stream"));
            for (int round = take(mine); round >= 0; round = take(mine)) {
                var piece = ("round " + round).getBytes(StandardCharsets.UTF_8);
                stream.write(piece, 0, piece.length);
            }
            stream.end();
        };
        var clients = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 100; i++) {
                rounds.put("/" + i, new LinkedBlockingQueue<>());
                clients.add(client().send("GET /" + i + " HTTP/1.1\nHost: x\n\n"));
                assertThat(clients.getLast().readHead().status()).isEqualTo(200);
            }
            for (int round = 0; round < 5; round++) {
                var pair = authority.server(RawClient.SERVER_NAME);
                tls.use(pair.key(), pair.chain());
                int now = round;
                rounds.values().forEach(queue -> queue.add(now));
                for (var client : clients) {
                    assertThat(new String(client.chunk(), StandardCharsets.UTF_8))
                            .isEqualTo("round " + round);
                }
            }
            rounds.values().forEach(queue -> queue.add(-1));
            for (var client : clients) {
                assertThat(client.chunk()).isEmpty();
            }
        } finally {
            for (var client : clients) {
                client.close();
            }
        }
        assertThat(failures).isEmpty();
    }

    private static int take(BlockingQueue<Integer> queue) throws IOException {
        try {
            return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void closesConnectionsAboveTheLimit() throws Exception {
        var open = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 50; i++) {
                open.add(client());
            }
            assertThatThrownBy(this::client).isInstanceOf(IOException.class);
        } finally {
            for (var client : open) {
                client.close();
            }
        }
    }

    @Test
    void letsRunningRequestsEndWhenItStops() throws Exception {
        var running = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        use = (_, exchange) -> {
            running.countDown();
            await(go);
            exchange.answer(Answers.text(200, "done"));
        };
        try (var idle = client();
                var busy = client()) {
            busy.send("GET / HTTP/1.1\nHost: x\n\n");
            await(running);
            var stop = Thread.ofVirtual().start(() -> server.stop(Duration.ofSeconds(20)));
            assertThat(idle.isClosed()).isTrue();
            assertThatThrownBy(this::client).isInstanceOf(IOException.class);
            go.countDown();
            var answer = busy.read(false);
            assertThat(answer.text()).isEqualTo("done");
            assertThat(answer.header("connection")).isEqualTo("close");
            stop.join();
        }
    }

    @Test
    void servesOnBeforeItStopsButUsesNoConnectionTwice() throws Exception {
        try (var kept = client()) {
            assertThat(kept.call("GET", "/a").header("connection")).isNull();
            server.retire();
            assertThat(kept.call("GET", "/b").header("connection")).isEqualTo("close");
            assertThat(kept.isClosed()).isTrue();
        }
        try (var fresh = client()) {
            assertThat(fresh.call("GET", "/c").header("connection")).isEqualTo("close");
        }
    }

    @Test
    void tellsRunningCallsThatItStopsSoThatTheyEndProperly() throws Exception {
        var running = new CountDownLatch(1);
        use = (_, exchange) -> {
            var stopping = new CountDownLatch(1);
            exchange.onGoingAway(stopping::countDown);
            var answer = exchange.stream(200, Map.of());
            running.countDown();
            await(stopping);
            answer.write("bye".getBytes(StandardCharsets.UTF_8), 0, 3);
            answer.end();
        };
        try (var client = client()) {
            client.send("GET / HTTP/1.1\nHost: x\n\n");
            await(running);
            server.stop(Duration.ZERO);
            assertThat(client.read(false).text()).isEqualTo("bye");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(Semaphore semaphore) {
        try {
            assertThat(semaphore.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
