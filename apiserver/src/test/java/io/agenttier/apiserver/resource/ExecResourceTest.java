package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ExecResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final List<Duration> AT_ONCE = List.of(Duration.ZERO, Duration.ZERO);

    /** Time goes on by this much whenever it is looked at. */
    private volatile Duration step = Duration.ZERO;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.running()).live(FakeSandboxes.running());
    private final ExecResource exec = new ExecResource(
            new LiveOutput.Source(
                    new SandboxAccess(sandboxes, pod.port()),
                    client,
                    () -> now.updateAndGet(time -> time.plus(step)),
                    AT_ONCE),
            new ResourceLimits(1 << 20, 16, 1 << 20, 1, 1, ResourceLimits.DEFAULT.terminalRetention()),
            new MemoryBudget(1 << 20, Duration.ZERO, () -> {}));

    @AfterEach
    void close() throws IOException {
        client.close();
        pod.close();
    }

    @Test
    void answersOneDocumentWithTheWholeOutcome() throws IOException {
        pod.next((asked, to) ->
                to.frames().output('o', 0, "out").output('e', 3, "err").exited(6, 42));
        var exchange = serve(Calls.post("exec"), "{\"command\":[\"make\",\"all\"]}");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.text()).isEqualTo("""
                        {"kind":"SandboxExecResponse","apiVersion":"agenttier.io/subresources-v1alpha1",\
                        "process":"exec-0a1b2c3d0123456789abcdef","exitCode":42,"durationMs":7,"reason":"completed",\
                        "stdout":"out","stderr":"err","timedOut":false,"truncated":false}""");
        assertThat(pod.asked.getFirst().text()).contains("\"timeoutMs\":30000", "\"onDisconnect\":\"cancel\"");
        assertThat(exchange.notes)
                .containsEntry("process", FakeSandboxd.PROCESS)
                .containsEntry("argv-sha256", "160755ef1931107b93d43ae2b1ab4a4eb039f9c52530b4201906788d006d05ce")
                .containsEntry("exit-code", "42")
                .containsEntry("exit-reason", "completed")
                .containsEntry("bytes-stdin", "0")
                .containsEntry("bytes-stdout", "3")
                .containsEntry("bytes-stderr", "3");
        assertThat(sandboxes.liveReads).hasValue(0);
    }

    @Test
    void givesNoOutcomeThatItDoesNotKnowWhenThisServerStops() throws IOException {
        pod.next((asked, to) -> {
            to.frames();
            to.awaitCut();
        });
        var exchange = FakeExchange.with("{\"command\":[\"make\"]}");
        exchange.serverStops();
        assertThatThrownBy(() -> exec.serve(Calls.post("exec").call(), exchange))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error())
                                .isEqualTo(new ApiError.Unavailable(
                                        "this server stops; process \"%s\" of sandbox \"web\" may still run: read on by GET log?process=%s&offset=0&follow=true"
                                                .formatted(FakeSandboxd.PROCESS, FakeSandboxd.PROCESS))));
        assertThat(exchange.hasBegun()).isFalse();
    }

    @Test
    void streamsEvents() throws IOException {
        pod.next(
                (asked, to) -> to.frames()
                        .output('o', 0, "a\u00e4".getBytes(StandardCharsets.ISO_8859_1))
                        .output('o', 2, "\n")
                        .chunk(FakeSandboxd.frame('k', new byte[0]))
                        .event("{\"event\":\"gap\",\"from\":3,\"to\":10}")
                        .output('e', 10, "oh")
                        .exit(
                                12,
                                "{\"outcome\":\"signaled\",\"signal\":\"KILL\",\"number\":9,\"endedAt\":\"2026-01-01T00:00:01Z\",\"durationMs\":7}"));
        var exchange = serve(Calls.post("exec").events().query("onDisconnect", "keep"), "{\"script\":\"x\"}");
        assertThat(exchange.text()).isEqualTo("""
                        event: start
                        id: 0
                        data: {"process":"exec-0a1b2c3d0123456789abcdef","startedAt":1767225600000}

                        event: log
                        id: 1
                        data: {"stream":"stdout","data":"a","offset":1}

                        event: log
                        id: 3
                        data: {"stream":"stdout","dataBase64":"5Ao=","offset":3}

                        : keepalive

                        event: gap
                        id: 10
                        data: {"from":3,"to":10}

                        event: log
                        id: 12
                        data: {"stream":"stderr","data":"oh","offset":12}

                        event: exit
                        id: 12
                        data: {"process":"exec-0a1b2c3d0123456789abcdef","exitCode":137,"durationMs":7,"reason":"signaled","signal":"KILL"}

                        """);
        assertThat(exchange.headers())
                .containsEntry("Content-Type", "text/event-stream")
                .containsEntry("Cache-Control", "no-cache")
                .containsEntry("X-Accel-Buffering", "no");
        assertThat(exchange.isEnded()).isTrue();
        assertThat(exchange.notes)
                .containsEntry("argv-sha256", "f2d68d7e9e9a08b5215df4a86c1c000e46e82c6e3ce2e031c4317348bd2cfab4")
                .containsEntry("exit-signal", "KILL");
        assertThat(pod.asked.getFirst().text()).contains("\"timeoutMs\":0", "\"onDisconnect\":\"keep\"");
    }

    @Test
    void answersADetachedStartWithItsId() throws IOException {
        pod.next((asked, to) -> to.json(201, FakeSandboxd.process("exec")));
        var exchange =
                serve(Calls.post("exec").header("idempotency-key", "k1"), "{\"command\":[\"x\"],\"detach\":true}");
        assertThat(exchange.status()).isEqualTo(202);
        assertThat(exchange.at("process")).isEqualTo(FakeSandboxd.PROCESS);
        assertThat(exchange.at("startedAt")).isEqualTo(1767225600000L);
        assertThat(pod.asked.getFirst().target()).isEqualTo("/v1/processes");
        assertThat(pod.asked.getFirst().text()).containsPattern("\"name\":\"key-[0-9a-f]{48}\"");
    }

    @Test
    void showsNothingOfItsContentInTheAuditLine() throws IOException {
        pod.next((asked, to) ->
                to.frames().output('o', 0, "canary").output('e', 6, "canary").exited(12, 1));
        var canary = """
                {"command":["echo","canary"],"env":{"CANARY":"canary"},"stdin":"canary","workingDir":"/canary"}""";
        var exchange = serve(Calls.post("exec"), canary);
        assertThat(exchange.notes.toString()).doesNotContainIgnoringCase("canary");
        assertThat(exchange.notes).containsEntry("bytes-stdin", "6").containsEntry("exit-code", "1");

        pod.next((asked, to) -> to.frames().exited(0, 0));
        var development = FakeExchange.with(canary);
        development.notesContent = true;
        exec.serve(Calls.post("exec").call(), development);
        assertThat(development.notes)
                .containsEntry("argv", "[\"echo\",\"canary\"]")
                .containsEntry("stdin", "canary");
    }

    @Test
    void truncatesEachStreamAtItsLimitAndSaysSo() throws IOException {
        pod.next((asked, to) -> to.frames()
                .output('o', 0, "0123456789abcd\u20ac")
                .output('o', 17, "more")
                .output('e', 21, "e")
                .exited(22, 0));
        var exchange = serve(Calls.post("exec"), "{\"script\":\"x\"}");
        assertThat(exchange.at("stdout")).isEqualTo("0123456789abcd");
        assertThat(exchange.at("stderr")).isEqualTo("e");
        assertThat(exchange.at("truncated")).isEqualTo(true);
    }

    @Test
    void showsBytesThatAreNoTextInBase64() throws IOException {
        pod.next((asked, to) ->
                to.frames().output('o', 0, new byte[] {(byte) 0xff, 0}).exited(2, 0));
        var exchange = serve(Calls.post("exec"), "{\"script\":\"x\"}");
        assertThat(exchange.json()).containsEntry("stdoutBase64", "/wA=").doesNotContainKey("stdout");
    }

    @Test
    void goesOnAtTheNextOffsetWhenTheConnectionIsCut() throws IOException {
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "one ");
            to.cut();
        });
        pod.next((asked, to) -> {
            to.frames().output('o', 4, "two ");
            to.cut();
        });
        pod.next((asked, to) -> to.frames().output('o', 8, "three").exited(13, 0));
        var exchange = serve(Calls.post("exec"), "{\"script\":\"x\"}");
        assertThat(exchange.at("stdout")).isEqualTo("one two three");
        assertThat(pod.asked.get(1).target())
                .isEqualTo("/v1/processes/%s/log?offset=4&follow=true".formatted(FakeSandboxd.PROCESS));
        assertThat(pod.asked.get(2).target()).contains("offset=8");
    }

    @Test
    void isLostAndNoNumberWhenThePodIsGone() throws IOException {
        sandboxes.live(FakeSandboxes.state("Stopped"));
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "one");
            to.cut();
        });
        var exchange = serve(Calls.post("exec"), "{\"script\":\"x\"}");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.json())
                .containsEntry("reason", "lost")
                .containsEntry("exitCode", null)
                .containsEntry("durationMs", null)
                .containsEntry("stdout", "one");
    }

    @Test
    void saysHowToReadOnWhenThePodDoesNotComeBack() {
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "one");
            to.cut();
        });
        pod.next((asked, to) -> to.cut());
        pod.next((asked, to) -> to.cut());
        var exchange = FakeExchange.with("{\"script\":\"x\"}");
        assertThatThrownBy(() -> exec.serve(Calls.post("exec").call(), exchange))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class))
                .hasMessageContaining("GET log?process=%s&offset=3&follow=true".formatted(FakeSandboxd.PROCESS));
        assertThat(exchange.notes)
                .containsEntry("process", FakeSandboxd.PROCESS)
                .containsEntry("bytes-stdout", "3")
                .doesNotContainKey("exit-reason");
    }

    @Test
    void cutsTheEventsWhenThePodDoesNotComeBack() {
        pod.next((asked, to) -> {
            to.frames().output('o', 0, "one");
            to.cut();
        });
        pod.next((asked, to) -> to.cut());
        pod.next((asked, to) -> to.cut());
        var exchange = FakeExchange.with("{\"script\":\"x\"}");
        assertThatThrownBy(() -> exec.serve(Calls.post("exec").events().call(), exchange))
                .isInstanceOf(IOException.class);
        assertThat(exchange.isAborted()).isTrue();
        assertThat(exchange.isEnded()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"application/json", "text/event-stream"})
    void leavesTheProcessToItsGraceWhenTheClientIsGone(String accept) throws Exception {
        var begun = new CountDownLatch(1);
        var cut = new CountDownLatch(1);
        pod.next((asked, to) -> {
            to.frames();
            begun.countDown();
            to.awaitCut();
            cut.countDown();
        });
        var exchange = FakeExchange.with("{\"script\":\"sleep 100\"}");
        var leaving = Thread.ofVirtual().start(() -> {
            try {
                begun.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            exchange.leave();
        });
        assertThatThrownBy(() ->
                        exec.serve(Calls.post("exec").header("accept", accept).call(), exchange))
                .isInstanceOf(ClientGoneException.class);
        assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(pod.asked).hasSize(1);
        leaving.join();
    }

    @Test
    void doesNotWaitForEverForADaemonThatIgnoresTheTimeLimit() {
        pod.next((asked, to) -> {
            to.frames();
            for (int i = 0; i < 10; i++) {
                to.chunk(FakeSandboxd.frame('k', new byte[0]));
            }
            to.awaitCut();
        });
        step = Duration.ofSeconds(10);
        assertThatThrownBy(() -> serve(Calls.post("exec"), "{\"script\":\"x\",\"timeoutSeconds\":1}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadGateway.class))
                .hasMessageContaining("did not end process");
    }

    @Test
    void letsALargeRequestWaitOutsideWhenMemoryIsShort() {
        var body = "{\"script\":\"%s\"}".formatted("x".repeat(300_000));
        assertThatThrownBy(() -> serve(Calls.post("exec"), body))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooManyRequests.class));
        assertThat(pod.asked).isEmpty();
    }

    @Test
    void refusesAnotherIncarnationThanTheOneAskedFor() {
        assertThatThrownBy(() ->
                        serve(Calls.post("exec").header("agenttier-incarnation", "ffffffff"), "{\"script\":\"x\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Gone.class))
                .hasMessageContaining("incarnation ffffffff");
        assertThat(pod.asked).isEmpty();
        assertThat(sandboxes.liveReads).hasValue(1);
    }

    @Test
    void refusesOnlyAfterALiveRead() throws IOException {
        sandboxes.cached(FakeSandboxes.state("Creating")).live(FakeSandboxes.running());
        pod.next((asked, to) -> to.frames().exited(0, 0));
        assertThat(serve(Calls.post("exec"), "{\"script\":\"x\"}").status()).isEqualTo(200);
        assertThat(sandboxes.liveReads).hasValue(1);
    }

    @Test
    void followsThePodWhenTheCachedOneNoLongerListens() throws IOException {
        var gone = new SandboxState.Pod("web-pod", "127.0.0.9", "eeeeeeee", true, false);
        sandboxes.cached(FakeSandboxes.state("Running", gone));
        pod.next((asked, to) -> to.frames().exited(0, 0));
        assertThat(serve(Calls.post("exec"), "{\"script\":\"x\"}").status()).isEqualTo(200);
        assertThat(sandboxes.liveReads).hasValue(1);
    }

    @Test
    void namesEveryFieldThatIsWrong() {
        assertThatThrownBy(() -> serve(Calls.post("exec"), "{\"tty\":true,\"timeoutSeconds\":-1}"))
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    var invalid = (ApiError.Invalid) e.error();
                    assertThat(invalid.causes())
                            .extracting(ApiError.Cause::field)
                            .containsExactly("command", "timeoutSeconds", "tty");
                });
    }

    @ParameterizedTest
    @CsvSource({
        "400, BadRequest",
        "404, NotFound",
        "409, Conflict",
        "410, Gone",
        "413, TooLarge",
        "422, Invalid",
        "429, TooManyRequests",
        "401, BadGateway",
        "500, BadGateway",
        "503, BadGateway"
    })
    void passesOnRefusalsOfTheDaemon(int status, String error) {
        pod.next((asked, to) -> to.json(status, "{\"code\":\"x\",\"message\":\"because\"}"));
        assertThatThrownBy(() -> serve(Calls.post("exec"), "{\"script\":\"x\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error().getClass().getSimpleName()).isEqualTo(error))
                .hasMessageContaining("because");
    }

    @Test
    void refusesMediaTypesItDoesNotHave() {
        assertThatThrownBy(() -> serve(Calls.post("exec").header("accept", "text/html"), "{\"script\":\"x\"}"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NotAcceptable.class));
    }

    @Test
    void refusesAnUnknownWayToDisconnect() {
        assertThatThrownBy(() -> serve(Calls.post("exec").query("onDisconnect", "stay"), "{\"script\":\"x\"}"))
                .hasMessage("parameter onDisconnect is \"stay\", expected cancel or keep");
    }

    private FakeExchange serve(Calls calls, String body) throws IOException {
        var exchange = FakeExchange.with(body);
        exec.serve(calls.call(), exchange);
        return exchange;
    }
}
