package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PortForwardResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final FakeExchange exchange = FakeExchange.empty();
    private final FakeSocket socket = exchange.socket;

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    private void serve(Calls calls) throws IOException {
        new PortForwardResource(new SandboxAccess(sandboxes, pod.port()), client).serve(calls.call(), exchange);
    }

    private CompletableFuture<Void> inBackground(Calls calls) {
        return CompletableFuture.runAsync(() -> {
            try {
                serve(calls);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Calls port(String port) {
        return Calls.get("portforward").upgrade("v5.channel.k8s.io").query("port", port);
    }

    private static Calls plain() {
        return Calls.get("portforward").upgrade("tcp.agenttier.io").query("port", "8080");
    }

    @Test
    void carriesBothWaysAndTellsTheEndOfEachDirection() throws IOException {
        pod.next((asked, to) -> {
            assertThat(asked.line()).isEqualTo("GET /v1/ports?port=8080 HTTP/1.1");
            to.tunnel().says('k', "").says('d', "hel").says('d', "lo");
            assertThat(to.hear().text()).isEqualTo("question");
            assertThat(to.hear().type()).isEqualTo('z');
            to.says('d', " answer").says('z', "").cut();
        });
        socket.says(ChannelFrames.STDIN, "question").halfCloses();
        serve(port("8080"));
        assertThat(exchange.status()).isEqualTo(101);
        assertThat(exchange.headers()).containsEntry("AgentTier-Incarnation", FakeSandboxd.INCARNATION);
        assertThat(socket.heard(ChannelFrames.STDOUT)).isEqualTo("hello answer");
        assertThat(socket.bytes(ChannelFrames.CLOSE)).containsExactly(ChannelFrames.STDOUT);
        assertThat(socket.status()).containsEntry("status", "Success");
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(exchange.notes)
                .containsEntry("port", "8080")
                .containsEntry("bytes-to-port", "8")
                .containsEntry("bytes-from-port", "12");
    }

    @Test
    void carriesWhatTheClientSendsAfterThePortHasSentAll() throws IOException {
        pod.next((asked, to) -> {
            to.tunnel().says('d', "all").says('z', "");
            assertThat(to.hear().text()).isEqualTo("after that");
            assertThat(to.hear().type()).isEqualTo('z');
            to.cut();
        });
        var served = inBackground(port("8080"));
        await().until(() -> socket.bytes(ChannelFrames.CLOSE).length == 1);
        socket.says(ChannelFrames.STDIN, "after that").halfCloses();
        served.join();
        assertThat(socket.status()).containsEntry("status", "Success");
    }

    @Test
    void sendsBareBytesToAClientThatWantsThem() throws IOException {
        pod.next((asked, to) -> {
            to.tunnel();
            assertThat(to.hear().text()).isEqualTo("\u0000ping");
            to.says('d', "pong").says('z', "").awaitCut();
        });
        socket.says(0, "ping");
        serve(plain());
        assertThat(socket.heard(FakeSocket.PLAIN)).isEqualTo("pong");
        assertThat(socket.heard(ChannelFrames.ERROR)).isEmpty();
        assertThat(socket.closeCode()).isEqualTo(1000);
    }

    @Test
    void tellsThatThePortBrokeTheConnection() throws IOException {
        pod.next((asked, to) ->
                to.tunnel().says('d', "half").says('x', "what listens broke it").cut());
        serve(port("8080"));
        assertThat(socket.bytes(ChannelFrames.CLOSE)).isEmpty();
        assertThat(socket.status())
                .containsEntry("status", "Failure")
                .containsEntry("message", "what listens broke it");
        assertThat(socket.closeCode()).isEqualTo(4009);
    }

    @Test
    void takesAConnectionThatWasCutForNoEnd() throws IOException {
        pod.next((asked, to) -> to.tunnel().says('d', "half").cut());
        serve(port("8080"));
        assertThat(socket.bytes(ChannelFrames.CLOSE)).isEmpty();
        assertThat(socket.status()).containsEntry("reason", "ServiceUnavailable");
        assertThat(socket.closeCode()).isEqualTo(4009);
    }

    @Test
    void tellsThatTheSandboxWasStoppedMeanwhile() throws IOException {
        pod.next((asked, to) -> to.tunnel().cut());
        sandboxes.live(FakeSandboxes.state("Stopped"));
        serve(port("8080"));
        assertThat(socket.closeCode()).isEqualTo(4001);
        assertThat(socket.closeReason()).isEqualTo("sandbox_stopped");
    }

    @Test
    void cutsThePortWhenTheClientLeaves() throws Exception {
        var open = new CountDownLatch(1);
        var cut = new CountDownLatch(1);
        pod.next((asked, to) -> {
            to.tunnel();
            open.countDown();
            to.awaitCut();
            cut.countDown();
        });
        var served = inBackground(port("8080"));
        open.await();
        await().until(() -> exchange.status() == 101);
        exchange.leave();
        cut.await();
        served.join();
        assertThat(exchange.notes).containsEntry("close-reason", "the client left");
    }

    @Test
    void endsWhenThisServerStops() throws Exception {
        pod.next((asked, to) -> {
            to.tunnel();
            to.awaitCut();
        });
        var served = inBackground(port("8080"));
        await().until(() -> exchange.status() == 101);
        exchange.socket.serverStops();
        served.join();
        assertThat(exchange.socket.closeCode()).isEqualTo(1001);
        assertThat(exchange.notes)
                .containsEntry("close-code", "1001")
                .containsEntry("close-reason", "this server stops: come back");
    }

    @Test
    void endsWithTheRightToIt() throws Exception {
        pod.next((asked, to) -> {
            to.tunnel().says('d', "hello");
            to.awaitCut();
        });
        var served = inBackground(port("8080"));
        await().until(() -> socket.heard(ChannelFrames.STDOUT).equals("hello"));
        exchange.loseRight();
        served.join();
        assertThat(socket.closeCode()).isEqualTo(4003);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "00080",
                "-1",
                "65536",
                "99999999999",
                "9000",
                "8080.0",
                "0x50",
                " 80",
                "80 ",
                "+80",
                "http",
                "localhost:80",
                "10.0.0.1:80",
                "80@10.0.0.1",
                "[::1]:80",
                "80&host=10.0.0.1",
                "80\u0000",
                "\u0668\u0660",
                "80/../81",
                "80%0d%0a"
            })
    void refusesWhatIsNoPortOfTheSandbox(String text) {
        assertThatThrownBy(() -> serve(port(text)))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(pod.asked).isEmpty();
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void tellsBeforeItAnswersThatNothingListens() {
        pod.next((asked, to) ->
                to.json(502, "{\"code\":\"BadGateway\",\"message\":\"nothing listens on port 8080 of the sandbox\"}"));
        assertThatThrownBy(() -> serve(port("8080")))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isEqualTo(new ApiError.NoAnswer("nothing listens on port 8080 of the sandbox")));
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void asksNoOtherPodThatHasTheAddressNow() throws IOException {
        try (var stranger = new FakeSandboxd(CA, "ffffffff")) {
            var access = new SandboxAccess(sandboxes, stranger.port());
            assertThatThrownBy(() -> new PortForwardResource(access, client)
                            .serve(port("8080").call(), exchange))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class));
            assertThat(stranger.asked).isEmpty();
            assertThat(exchange.hasBegun()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d\u0000\u0000\u0000\u0000",
                "d\u0000\u0010\u0000\u0001",
                "z\u0000\u0000\u0000\u0001!",
                "o\u0000\u0000\u0000\u0001!",
                "d\u00ff\u00ff\u00ff\u00ff",
                "x\u0000\u0000\u0004\u0001",
                "HTTP/1.1 200 OK\r\n\r\n"
            })
    void endsWhenThePodSaysWhatNoTunnelSays(String frame) throws IOException {
        pod.next((asked, to) -> {
            to.tunnel().raw(frame);
            to.awaitCut();
        });
        serve(port("8080"));
        assertThat(socket.closeCode()).isEqualTo(4009);
    }
}
