package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.FakeSandboxd.Conversation;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets through {@code proxy}. */
@Timeout(60)
class ProxyPipeTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final String SWITCH =
            "HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: a\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
    /** A text frame of a server. */
    private static final String HI = "\u0081\u0002hi";

    private static final Calls SOCKET =
            Calls.get("proxy").target("/8080/ws", "").upgrade("chat");

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.declaring(8080)).live(FakeSandboxes.declaring(8080));
    private final FakeExchange exchange = FakeExchange.empty();

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    private void serve(Calls calls) throws IOException {
        new ProxyResource(new SandboxAccess(sandboxes, pod.port()), client).serve(calls.call(), exchange);
    }

    private CompletableFuture<Void> inBackground() {
        return CompletableFuture.runAsync(() -> {
            try {
                serve(SOCKET);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static String handshake(Conversation with, String answer) throws IOException {
        with.tunnel();
        var asked = with.hear().text();
        says(with, answer);
        return asked;
    }

    private static void says(Conversation to, String bytes) throws IOException {
        to.raw(FakeSandboxd.frame('d', bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private String heard() {
        return new String(exchange.bytes.heard(), StandardCharsets.ISO_8859_1);
    }

    /** A port that greets and waits, and what the client has heard by then. */
    private CompletableFuture<Void> greeted(String greeting) {
        pod.next((_, to) -> {
            handshake(to, SWITCH + greeting);
            to.awaitCut();
        });
        var served = inBackground();
        await().until(() -> heard().equals(greeting));
        return served;
    }

    @Test
    void carriesBytesBothWaysAfterTheHandshakeOfThePort() throws IOException {
        pod.next((_, to) -> {
            assertThat(handshake(to, SWITCH + HI))
                    .startsWith("GET /ws HTTP/1.1\r\n")
                    .contains("sec-websocket-protocol: chat\r\n");
            assertThat(to.hear().text()).isEqualTo("any bytes");
            says(to, HI);
            to.says('z', "").awaitCut();
        });
        exchange.bytes.says("any bytes".getBytes(StandardCharsets.US_ASCII));
        serve(SOCKET);
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(exchange.headers())
                .containsEntry("Sec-WebSocket-Accept", "a")
                .containsEntry("Sec-WebSocket-Protocol", "chat")
                .containsEntry("Upgrade", "websocket")
                .containsEntry("Connection", "Upgrade");
        assertThat(heard()).isEqualTo(HI + HI);
        assertThat(exchange.bytes.isClosed()).isTrue();
        assertThat(exchange.notes)
                .containsEntry("port-status", "101")
                .containsEntry("close-code", "1000")
                .containsEntry("bytes-to-port", "9")
                .containsEntry("bytes-from-port", "8");
    }

    @Test
    void endsWithTheRightToIt() throws Exception {
        var served = greeted(HI);
        exchange.loseRight();
        served.join();
        assertThat(heard()).isEqualTo(HI + "\u0088\u0010\u000f\u00a3access_revoked");
    }

    @Test
    void tellsThatThisServerStops() throws Exception {
        var served = greeted(HI);
        exchange.bytes.serverStops();
        served.join();
        assertThat(heard()).startsWith(HI + "\u0088\u001e\u0003\u00e9this server stops");
    }

    @Test
    void addsNothingWithinAFrameOfThePort() throws Exception {
        var served = greeted("\u0081\u0005half");
        exchange.loseRight();
        served.join();
        assertThat(heard()).isEqualTo("\u0081\u0005half");
        assertThat(exchange.bytes.isClosed()).isTrue();
        assertThat(exchange.notes).containsEntry("close-code", "4003");
    }

    @Test
    void tellsThatTheSandboxWasStopped() throws IOException {
        sandboxes.live(FakeSandboxes.state("Stopped"));
        pod.next((_, to) -> {
            handshake(to, SWITCH + HI);
            to.cut();
        });
        serve(SOCKET);
        assertThat(heard()).endsWith("sandbox_stopped");
        assertThat(exchange.notes).containsEntry("close-code", "4001");
    }

    @Test
    void cutsThePortWhenTheClientLeaves() throws Exception {
        var cut = new CountDownLatch(1);
        pod.next((_, to) -> {
            handshake(to, SWITCH + HI);
            to.awaitCut();
            cut.countDown();
        });
        var served = inBackground();
        await().until(() -> heard().equals(HI));
        exchange.leave();
        cut.await();
        served.join();
        assertThat(exchange.notes).containsEntry("close-reason", "the client left");
    }

    @Test
    void passesOnThatThePortSpeaksNoWebSocket() throws IOException {
        pod.next((_, to) -> {
            handshake(to, "HTTP/1.1 404 X\r\nContent-Length: 2\r\n\r\nno");
            to.awaitCut();
        });
        serve(SOCKET);
        assertThat(exchange.status()).isEqualTo(404);
        assertThat(exchange.text()).isEqualTo("no");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Upgrade: h2c\r\n", "Upgrade: websocket, h2c\r\n"})
    void switchesToNoOtherProtocolThanWebSocket(String upgrade) {
        pod.next((_, to) -> {
            handshake(to, "HTTP/1.1 101 X\r\n" + upgrade + "Connection: Upgrade\r\n\r\n");
            to.awaitCut();
        });
        assertThatThrownBy(() -> serve(SOCKET))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NoAnswer.class));
        assertThat(exchange.hasBegun()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2c", "SPDY/3.1", "websocket, h2c"})
    void refusesToAskForAnyOther(String protocol) {
        assertThatThrownBy(() -> serve(SOCKET.header("upgrade", protocol)))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(pod.asked).isEmpty();
    }
}
