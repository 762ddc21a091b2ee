package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.FailingInput;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.FakeSandboxd.Conversation;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxyResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final Calls GET = Calls.get("proxy").target("/8080/a", "");
    private static final Calls POST = Calls.post("proxy").target("/8080/a", "");

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.declaring(8080)).live(FakeSandboxes.declaring(8080));
    private FakeExchange exchange = FakeExchange.empty();

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    private void serve(Calls calls) throws IOException {
        new ProxyResource(new SandboxAccess(sandboxes, pod.port()), client).serve(calls.call(), exchange);
    }

    private CompletableFuture<Void> inBackground(Calls calls) {
        return CompletableFuture.runAsync(() -> {
            try {
                serve(calls);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** What the client sends next, up to where {@code end} ends it. */
    private static String hear(Conversation from, String end) throws IOException {
        var heard = new StringBuilder();
        while (!heard.toString().endsWith(end)) {
            heard.append(new String(from.hear().payload(), StandardCharsets.ISO_8859_1));
        }
        return heard.toString();
    }

    /** The port answers a request without a body, and closes. */
    private void answers(String answer) {
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            to.says('d', answer).says('z', "").awaitCut();
        });
    }

    @Test
    void carriesARequestAndItsAnswer() throws IOException {
        var asked = new CompletableFuture<String>();
        pod.next((request, to) -> {
            assertThat(request.line()).isEqualTo("GET /v1/ports?port=8080 HTTP/1.1");
            to.tunnel();
            asked.complete(hear(to, "hello"));
            to.says('d', OK + "Content-Length: 4\r\nX-Own: 1\r\n\r\nfour")
                    .says('z', "")
                    .awaitCut();
        });
        exchange = FakeExchange.with("hello");
        serve(POST.target("/8080//x%2Fy/", "q=1"));
        assertThat(asked.join())
                .startsWith("POST //x%2Fy/?q=1 HTTP/1.1\r\nHost: localhost:8080\r\n")
                .contains("Content-Length: 5\r\n");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.text()).isEqualTo("four");
        assertThat(exchange.headers())
                .containsEntry("X-Own", "1")
                .containsEntry("Content-Length", "4")
                .containsEntry("AgentTier-Incarnation", FakeSandboxd.INCARNATION);
        assertThat(exchange.isEnded()).isTrue();
        assertThat(exchange.notes)
                .containsEntry("port", "8080")
                .containsEntry("port-status", "200")
                .containsEntry("bytes-to-port", "5")
                .containsEntry("bytes-from-port", "4");
    }

    @Test
    void passesEachPieceOnAtOnceAndTrailersAtTheEnd() throws IOException {
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            to.says('d', OK + "Transfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n");
            await().until(() -> exchange.text().equals("data: "));
            to.says('d', "1\r\n1\r\n0\r\nX-Sum: 7\r\n\r\n").awaitCut();
        });
        serve(GET);
        assertThat(exchange.text()).isEqualTo("data: 1");
        assertThat(exchange.trailers).containsEntry("X-Sum", "7");
        assertThat(exchange.headers()).doesNotContainKey("Transfer-Encoding");
    }

    @Test
    void takesTheEndOfTheConnectionForTheEndOfAnOldAnswer() throws IOException {
        answers("HTTP/1.0 200 OK\r\n\r\nold");
        serve(GET);
        assertThat(exchange.text()).isEqualTo("old");
        assertThat(exchange.isEnded()).isTrue();
    }

    @Test
    void endsAnswersWithoutContentAtTheirHead() throws IOException {
        pod.next((_, to) -> {
            to.tunnel();
            assertThat(hear(to, "\r\n\r\n")).startsWith("HEAD ");
            to.says('d', OK + "Content-Length: 1000\r\n\r\n").awaitCut();
        });
        serve(Calls.of("HEAD", "proxy").target("/8080/a", ""));
        assertThat(exchange.headers()).containsEntry("Content-Length", "1000");
        assertThat(exchange.isEnded()).isTrue();
    }

    @Test
    void passesInterimAnswersOver() throws IOException {
        answers("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK
                + "Content-Length: 0\r\n\r\n");
        serve(GET);
        assertThat(exchange.status()).isEqualTo(200);
    }

    @Test
    void chunksABodyOfUnknownLength() throws IOException {
        var asked = new CompletableFuture<String>();
        pod.next((_, to) -> {
            to.tunnel();
            asked.complete(hear(to, "0\r\n\r\n"));
            to.says('d', OK + "Content-Length: 0\r\n\r\n").awaitCut();
        });
        exchange = FakeExchange.with("hello").chunked();
        serve(POST);
        assertThat(asked.join()).contains("Transfer-Encoding: chunked\r\n").endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }

    @Test
    void sendsABodyOnlyWhenThePortWantsIt() throws IOException {
        pod.next((_, to) -> {
            to.tunnel();
            assertThat(hear(to, "\r\n\r\n")).contains("Expect: 100-continue\r\n");
            to.says('d', "HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(hear(to, "hello")).isEqualTo("hello");
            to.says('d', OK + "Content-Length: 0\r\n\r\n").awaitCut();
        });
        exchange = FakeExchange.with("hello");
        serve(POST.header("expect", "100-continue"));
        assertThat(exchange.status()).isEqualTo(200);
    }

    @Test
    void sendsNothingOfABodyThatThePortRefuses() throws IOException {
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            to.says('d', "HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n").awaitCut();
        });
        exchange = FakeExchange.with("hello");
        serve(POST.header("expect", "100-continue"));
        assertThat(exchange.status()).isEqualTo(413);
        assertThat(exchange.notes).containsEntry("bytes-to-port", "0");
    }

    @Test
    void doesNotWaitForTheRestOfABodyWhoseAnswerIsOver() throws Exception {
        answers("HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n");
        try (var source = new PipedOutputStream()) {
            exchange = FakeExchange.streaming(new PipedInputStream(source));
            serve(POST);
        }
        assertThat(exchange.status()).isEqualTo(413);
        assertThat(exchange.isEnded()).isTrue();
    }

    @Test
    void breaksTheConnectionToThePortWhenTheBodyBreaksOff() throws Exception {
        var cut = new CountDownLatch(1);
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            to.awaitCut();
            cut.countDown();
        });
        exchange = FakeExchange.streaming(new FailingInput(0, "no byte came"));
        assertThatThrownBy(() -> serve(POST)).isInstanceOf(IOException.class).hasMessage("no byte came");
        cut.await();
        assertThat(exchange.hasBegun()).isFalse();
    }

    static Stream<String> garbage() {
        return Stream.of(
                "",
                "garbage\r\n\r\n",
                "SSH-2.0-OpenSSH_9.6\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1 99 X\r\n\r\n",
                "HTTP/1.1 2000 X\r\n\r\n",
                "HTTP/1.1 600 X\r\n\r\n",
                "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                OK + "Content-Length: 5",
                OK + "Content-Length: -1\r\n\r\n",
                OK + "Content-Length: 5, 5\r\n\r\nhello",
                OK + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                OK + "Content-Length: 99999999999999999999\r\n\r\n",
                OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                OK + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                OK + "X: a\rb\r\n\r\n",
                OK + "X: a\u0000b\r\n\r\n",
                OK + "X: a\r\n folded\r\n\r\n",
                OK + "no colon\r\n\r\n",
                OK + "Bad Name: x\r\n\r\n",
                OK + "X: " + "a".repeat(70_000) + "\r\n\r\n",
                OK + "X: a\r\n".repeat(101) + "\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n".repeat(17) + OK + "\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void tellsThatWhatListensSpeaksNoHttp(String answer) {
        answers(answer);
        assertThatThrownBy(() -> serve(GET))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isInstanceOfSatisfying(
                                        ApiError.NoAnswer.class,
                                        error -> assertThat(error.message())
                                                .startsWith(
                                                        "what listens on port 8080 of sandbox \"web\" gave no answer of HTTP/1.1: ")));
        assertThat(exchange.hasBegun()).isFalse();
    }

    static Stream<String> halves() {
        return Stream.of(
                "Content-Length: 5\r\n\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf and more\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n-1\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nbad trailer\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("halves")
    void letsNobodyTakeAPartForTheWhole(String answer) {
        answers(OK + answer);
        assertThatThrownBy(() -> serve(GET)).isInstanceOf(ApiException.class);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.text()).isEqualTo("half");
        assertThat(exchange.isEnded()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", ""})
    void takesABrokenConnectionForNoEnd(String reset) {
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            to.says('d', "HTTP/1.0 200 OK\r\n\r\nhalf");
            if (!reset.isEmpty()) {
                to.says('x', "what listens broke it");
            }
            to.cut();
        });
        assertThatThrownBy(() -> serve(GET)).isInstanceOf(ApiException.class);
        assertThat(exchange.isEnded()).isFalse();
    }

    @Test
    void dropsWhatComesAfterTheAnswer() throws IOException {
        answers(OK + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Smuggled: 1\r\n\r\n");
        serve(GET);
        assertThat(exchange.text()).isEqualTo("ok");
    }

    @Test
    void reachesNoPortThatIsNotDeclared() {
        sandboxes.cached(FakeSandboxes.declaring(3000)).live(FakeSandboxes.declaring(3000));
        assertThatThrownBy(() -> serve(GET))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isInstanceOfSatisfying(
                                        ApiError.NotFound.class,
                                        error -> assertThat(error.message()).contains("port 8080", "declares [3000]")));
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void believesThatAPortIsNotDeclaredOnlyAfterALiveRead() throws IOException {
        sandboxes.cached(FakeSandboxes.running());
        answers(OK + "Content-Length: 0\r\n\r\n");
        serve(GET);
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(sandboxes.liveReads).hasValue(1);
    }

    @Test
    void asksNoOtherPodThatHasTheAddressNow() throws IOException {
        try (var stranger = new FakeSandboxd(CA, "ffffffff")) {
            var access = new SandboxAccess(sandboxes, stranger.port());
            assertThatThrownBy(() -> new ProxyResource(access, client).serve(GET.call(), exchange))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class));
            assertThat(stranger.asked).isEmpty();
        }
    }

    @Test
    void cutsThePortWhenTheClientLeaves() throws Exception {
        var open = new CountDownLatch(1);
        var cut = new CountDownLatch(1);
        pod.next((_, to) -> {
            to.tunnel();
            hear(to, "\r\n\r\n");
            open.countDown();
            to.awaitCut();
            cut.countDown();
        });
        var served = inBackground(GET);
        open.await();
        exchange.leave();
        cut.await();
        assertThatThrownBy(served::join).hasRootCauseInstanceOf(io.agenttier.apiserver.route.ClientGoneException.class);
    }
}
