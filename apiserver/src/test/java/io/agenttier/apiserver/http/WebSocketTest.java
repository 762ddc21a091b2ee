package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.route.Answers;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.WebSocket;
import io.agenttier.apiserver.route.WebSocket.Received;
import io.agenttier.apiserver.route.WebSocketOffer;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames over TLS, from a client that keeps to no rule it does not want to. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WebSocketTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Certificates authority = new Certificates("server-ca");
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    private final CountDownLatch gone = new CountDownLatch(1);
    private HttpServer server;
    private volatile Optional<ApiError> refusal = Optional.empty();
    private volatile Use use = WebSocketTest::echo;

    interface Use {
        void serve(WebSocket socket) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        var tls = new ServingTls();
        var pair = authority.server(RawClient.SERVER_NAME);
        tls.use(pair.key(), pair.chain());
        server = HttpServer.start(
                0, tls, HttpLimits.of(1 << 20, 1000), this::serve, new Metrics(), InstantSource.system());
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    private void serve(Incoming incoming, Exchange exchange) {
        try {
            if (refusal.isPresent()) {
                exchange.answer(Answers.error(refusal.get()));
                return;
            }
            var agreed = new WebSocketOffer.Agreed(
                    incoming.header("sec-websocket-key").orElse(""), "v5.channel.k8s.io");
            exchange.onClientGone(gone::countDown);
            use.serve(exchange.upgrade(agreed, Map.of("AgentTier-Process", "p1")));
            ended.complete(new AssertionError("ended by itself"));
        } catch (IOException | RuntimeException e) {
            ended.complete(e);
        }
    }

    /** Sends each whole message back on channel 1. */
    private static void echo(WebSocket socket) throws IOException {
        var message = new ByteArrayOutputStream();
        while (true) {
            if (socket.receive(LONG) instanceof Received.Piece piece) {
                if (piece.first()) {
                    message.reset();
                }
                message.writeBytes(piece.bytes());
                if (piece.last()) {
                    socket.send(1, message.toByteArray(), 0, message.size());
                }
            }
        }
    }

    private WebSocketPeer peer() throws Exception {
        var peer = new WebSocketPeer(new RawClient(server.port(), authority.authority(), null));
        var answer = peer.handshake("/x");
        assertThat(answer.status()).isEqualTo(101);
        return peer;
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Payloads on channel 1 until there are so many bytes. */
    private static byte[] read(WebSocketPeer peer, int length) throws IOException {
        var all = new ByteArrayOutputStream();
        while (all.size() < length) {
            var frame = peer.read();
            assertThat(frame.opcode()).isEqualTo(WebSocketPeer.BINARY);
            assertThat(frame.payload()[0]).isEqualTo((byte) 1);
            all.write(frame.payload(), 1, frame.payload().length - 1);
        }
        return all.toByteArray();
    }

    @Test
    void answersTheHandshakeAsTheStandardSays() throws Exception {
        try (var peer = new WebSocketPeer(new RawClient(server.port(), authority.authority(), null))) {
            var answer = peer.handshake("/x");
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.header("sec-websocket-accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(answer.header("sec-websocket-protocol")).isEqualTo("v5.channel.k8s.io");
            assertThat(answer.header("agenttier-process")).isEqualTo("p1");
            assertThat(answer.header("content-length")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 1 << 20, (16 << 20) + 3})
    void takesFramesOfEveryLengthEncoding(int length) throws Exception {
        try (var peer = peer()) {
            var bytes = random(length);
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, bytes);
            assertThat(read(peer, length)).isEqualTo(bytes);
        }
    }

    @Test
    void joinsFragmentsWithControlFramesBetweenThem() throws Exception {
        try (var peer = peer()) {
            peer.send(WebSocketPeer.BINARY, "a")
                    .send(WebSocketPeer.FINAL | WebSocketPeer.PING, "beat")
                    .send(WebSocketPeer.CONTINUATION, "")
                    .send(WebSocketPeer.CONTINUATION, "b")
                    .send(WebSocketPeer.FINAL | WebSocketPeer.PONG, "")
                    .send(WebSocketPeer.FINAL | WebSocketPeer.CONTINUATION, "c");
            var frames = new java.util.ArrayList<String>();
            for (int i = 0; i < 2; i++) {
                var frame = peer.read();
                frames.add(frame.opcode() + frame.text());
            }
            assertThat(frames).containsExactlyInAnyOrder("10beat", "2\u0001abc");
        }
    }

    @Test
    void takesTextFramesAsBytesSincePythonSendsThem() throws Exception {
        try (var peer = peer()) {
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.TEXT, "hä");
            assertThat(read(peer, 3)).isEqualTo("hä".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void refusesFramesThatAreNotMasked() throws Exception {
        refused(WebSocketPeer.frame(WebSocketPeer.FINAL | WebSocketPeer.BINARY, new byte[] {1}, 0, 1), 1002);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x20, 0x10})
    void refusesReservedBits(int bit) throws Exception {
        refused(frame(WebSocketPeer.FINAL | bit | WebSocketPeer.BINARY, "x"), 1002);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 7, 11, 15})
    void refusesReservedOpcodes(int opcode) throws Exception {
        refused(frame(WebSocketPeer.FINAL | opcode, "x"), 1002);
    }

    @Test
    void refusesFragmentedAndLongControlFrames() throws Exception {
        refused(frame(WebSocketPeer.PING, "x"), 1002);
        refused(frame(WebSocketPeer.FINAL | WebSocketPeer.PING, "x".repeat(126)), 1002);
    }

    @Test
    void refusesAContinuationOfNothing() throws Exception {
        refused(frame(WebSocketPeer.FINAL | WebSocketPeer.CONTINUATION, "x"), 1002);
    }

    @Test
    void refusesAMessageWithinAMessage() throws Exception {
        try (var peer = peer()) {
            peer.send(WebSocketPeer.BINARY, "a").send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, "b");
            assertThat(peer.read().closeCode()).isEqualTo(1002);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 125, 0xffff, -1, Long.MIN_VALUE})
    void refusesLengthsThatAreNegativeOrNotInTheirShortestForm(long length) throws Exception {
        refused(head(length), 1002);
        if (length >= 0 && length <= 125) {
            refused(new byte[] {(byte) 0x82, (byte) (0x80 | 126), 0, (byte) length, 0, 0, 0, 0}, 1002);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1005, 1006, 2999})
    void refusesCloseCodesThatNobodyMaySend(int code) throws Exception {
        refused(
                WebSocketPeer.frame(
                        WebSocketPeer.FINAL | WebSocketPeer.CLOSE,
                        new byte[] {(byte) (code >> 8), (byte) code},
                        0x80,
                        2),
                1002);
    }

    /** The head of a frame with the longest form of its length, and a mask of zeroes. */
    private static byte[] head(long length) {
        return ByteBuffer.allocate(14)
                .put((byte) (WebSocketPeer.FINAL | WebSocketPeer.BINARY))
                .put((byte) 0xff)
                .putLong(length)
                .array();
    }

    @Test
    void passesAFrameOfAnyLengthOnWhileItComes() throws Exception {
        var heard = new AtomicLong();
        use = socket -> {
            while (true) {
                if (socket.receive(LONG) instanceof Received.Piece piece) {
                    assertThat(piece.first()).isEqualTo(heard.get() == 0);
                    assertThat(piece.last()).isFalse();
                    heard.addAndGet(piece.bytes().length);
                }
            }
        };
        try (var peer = peer()) {
            peer.sendBytes(head(Long.MAX_VALUE)).sendBytes(new byte[3 << 20]);
            await().atMost(LONG).until(() -> heard.get() == 3 << 20);
        }
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void takesFramesHoweverTheyAreCutOnTheWay() throws Exception {
        try (var peer = peer()) {
            var message = new ByteArrayOutputStream();
            message.writeBytes(frame(WebSocketPeer.BINARY, "abcde"));
            message.writeBytes(frame(WebSocketPeer.FINAL | WebSocketPeer.PING, "beat"));
            message.writeBytes(frame(WebSocketPeer.FINAL | WebSocketPeer.CONTINUATION, "f".repeat(126)));
            for (byte b : message.toByteArray()) {
                peer.sendBytes(new byte[] {b});
            }
            assertThat(peer.read().text()).isEqualTo("beat");
            assertThat(peer.read().text()).isEqualTo("\u0001abcde" + "f".repeat(126));
        }
    }

    private static byte[] frame(int first, String payload) throws IOException {
        var bytes = payload.getBytes(StandardCharsets.UTF_8);
        return WebSocketPeer.frame(first, bytes, 0x80, bytes.length);
    }

    private void refused(byte[] bytes, int code) throws Exception {
        try (var peer = peer()) {
            peer.sendBytes(bytes);
            var answer = peer.read();
            assertThat(answer.opcode()).isEqualTo(WebSocketPeer.CLOSE);
            assertThat(answer.closeCode()).isEqualTo(code);
            assertThat(peer.isClosed()).isTrue();
        }
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
        assertThat(gone.getCount()).isZero();
    }

    @Test
    void answersCloseAndLetsTheUseCaseGo() throws Exception {
        try (var peer = peer()) {
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.CLOSE, new byte[] {3, (byte) 0xe8});
            assertThat(peer.read().closeCode()).isEqualTo(1000);
            assertThat(peer.isClosed()).isTrue();
        }
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void noticesAClientThatJustVanishes() throws Exception {
        peer().close();
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
        gone.await();
    }

    @Test
    void deliversWhatWasSentBeforeItsOwnClose() throws Exception {
        var bytes = random(1 << 20);
        use = socket -> {
            socket.send(1, bytes, 0, bytes.length);
            socket.close(4009, "error");
        };
        try (var peer = peer()) {
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, random(300_000));
            assertThat(read(peer, bytes.length)).isEqualTo(bytes);
            var close = peer.read();
            assertThat(close.closeCode()).isEqualTo(4009);
            assertThat(close.text()).endsWith("error");
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.CLOSE, new byte[] {3, (byte) 0xe8});
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void closesWhereTheUseCaseForgets() throws Exception {
        use = _ -> {};
        try (var peer = peer()) {
            assertThat(peer.read().closeCode()).isEqualTo(1011);
        }
    }

    @Test
    void readsNoFasterThanTheUseCase() throws Exception {
        var taken = new AtomicLong();
        var go = new CountDownLatch(1);
        use = socket -> {
            awaitLatch(go);
            while (true) {
                if (socket.receive(LONG) instanceof Received.Piece piece) {
                    taken.addAndGet(piece.bytes().length);
                }
            }
        };
        int frames = 400;
        var sent = new AtomicLong();
        try (var peer = peer()) {
            var writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < frames; i++) {
                        peer.send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, new byte[256 * 1024]);
                        sent.incrementAndGet();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().during(Duration.ofMillis(500)).atMost(LONG).until(sent::get, this::standsStill);
            assertThat(sent.get()).isLessThan(frames);
            go.countDown();
            writer.join();
            await().atMost(LONG).until(() -> taken.get() == frames * 256L * 1024);
        }
    }

    private long seen = -1;

    private boolean standsStill(long now) {
        boolean same = now == seen;
        seen = now;
        return same;
    }

    @Test
    void sendsNoFasterThanTheClientTakes() throws Exception {
        var sent = new AtomicLong();
        int messages = 2_000;
        use = socket -> {
            for (int i = 0; i < messages; i++) {
                socket.send(1, new byte[65536], 0, 65536);
                sent.incrementAndGet();
            }
            socket.close(1000, "");
        };
        try (var peer = peer()) {
            await().during(Duration.ofMillis(500)).atMost(LONG).until(sent::get, this::standsStill);
            assertThat(sent.get()).isLessThan(messages);
            assertThat(read(peer, messages * 65536)).hasSize(messages * 65536);
            assertThat(peer.read().closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void survivesAFloodOfPingsThatNobodyReadsTheAnswersOf() throws Exception {
        try (var peer = peer()) {
            var pings = new ByteArrayOutputStream();
            for (int i = 0; i < 5_000; i++) {
                pings.writeBytes(frame(WebSocketPeer.FINAL | WebSocketPeer.PING, "x".repeat(125)));
            }
            for (int i = 0; i < 20; i++) {
                peer.sendBytes(pings.toByteArray());
            }
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, "still here");
            int pongs = 0;
            var frame = peer.read();
            for (; frame.opcode() == WebSocketPeer.PONG; frame = peer.read()) {
                pongs++;
            }
            assertThat(frame.text()).endsWith("still here");
            assertThat(pongs).isBetween(1, 100_000);
        }
    }

    @Test
    void tellsAClientWhoseUpgradeIsRefusedThatTheConnectionEnds() throws Exception {
        refusal = Optional.of(new ApiError.BadRequest("no"));
        try (var client = new RawClient(server.port(), authority.authority(), null)) {
            var answer = client.call("GET", "/x", "Connection: Upgrade", "Upgrade: websocket");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("connection")).isEqualTo("close");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void refusesAClientThatSendsAnotherRequestBeforeTheAnswer() throws Exception {
        try (var client = new RawClient(server.port(), authority.authority(), null)) {
            var peer = new WebSocketPeer(client);
            client.send("""
                    GET /x HTTP/1.1
                    Host: x
                    Connection: Upgrade
                    Upgrade: websocket

                    GET /y HTTP/1.1
                    Host: x

                    """);
            assertThat(peer.isClosed()).isTrue();
        }
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void tellsOpenConnectionsThatTheServerStops() throws Exception {
        try (var peer = peer()) {
            var stopping = CompletableFuture.runAsync(() -> server.stop(Duration.ZERO));
            assertThat(peer.read().closeCode()).isEqualTo(1001);
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.CLOSE, new byte[] {3, (byte) 0xe9});
            stopping.get();
        }
        assertThat(ended.get()).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void tellsItsUserBeforeItTellsTheClientThatTheServerStops() throws Exception {
        var told = new CompletableFuture<Long>();
        use = socket -> {
            socket.onGoingAway(() -> told.complete(gone.getCount()));
            echo(socket);
        };
        try (var peer = peer()) {
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.BINARY, new byte[] {0, 1});
            peer.read();
            var stopping = CompletableFuture.runAsync(() -> server.stop(Duration.ZERO));
            assertThat(peer.read().closeCode()).isEqualTo(1001);
            assertThat(told.get()).as("the client was still there").isEqualTo(1);
            peer.send(WebSocketPeer.FINAL | WebSocketPeer.CLOSE, new byte[] {3, (byte) 0xe9});
            stopping.get();
        }
    }

    private static void awaitLatch(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
