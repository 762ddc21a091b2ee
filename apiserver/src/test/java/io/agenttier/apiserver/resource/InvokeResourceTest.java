package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.api.Agent;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import io.agenttier.apiserver.sandboxd.StartRequest;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InvokeResourceTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final InstantSource STILL = InstantSource.fixed(Instant.EPOCH);
    private static final AgentState AGENT = AgentState.agent(
            "langgraph", false, new Agent(List.of("agent"), List.of(), null, List.of(), 4, "10m"), null);

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), InstantSource.system(), new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.agent(AGENT)).live(FakeSandboxes.agent(AGENT));
    private final Metrics metrics = new Metrics();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final SandboxEvents events = new SandboxEvents(
            sandboxes, (_, type, reason, message, _) -> told.add(type + " " + reason + " " + message), STILL);
    private final LiveOutput.Source source =
            new LiveOutput.Source(new SandboxAccess(sandboxes, pod.port()), client, STILL, List.of(Duration.ZERO));

    @AfterEach
    void close() throws IOException {
        events.close();
        client.close();
        pod.close();
    }

    @Test
    void startsTheEntrypointUnderItsCapAndTellsOfIt() throws Exception {
        pod.next((asked, to) -> to.frames().output('o', 0, "hi").exited(2, 42));
        var exchange = serve(Calls.post("invoke").events(), FakeExchange.with("in"));
        assertThat(pod.asked.getFirst().text())
                .contains(
                        "\"class\":\"inv\"",
                        "\"argv\":[\"agent\"]",
                        "\"stdinBase64\":\"aW4=\"",
                        "\"cap\":4",
                        "\"timeoutMs\":600000",
                        "\"onDisconnect\":\"cancel\"");
        assertThat(exchange.text()).isEqualTo("""
                event: start
                id: 0
                data: {"invokeId":"%1$s","startedAt":1767225600000}

                event: log
                id: 2
                data: {"stream":"stdout","data":"hi","offset":2}

                event: exit
                id: 2
                data: {"invokeId":"%1$s","exitCode":42,"durationMs":7,"reason":"completed"}

                """.formatted(FakeSandboxd.PROCESS));
        assertThat(told.take())
                .isEqualTo("NORMAL AgentInvokeStarted invokeId=%s by alice".formatted(FakeSandboxd.PROCESS));
        assertThat(told.take())
                .isEqualTo("WARNING AgentInvokeFailed invokeId=%s exit=42 reason=completed duration_ms=7"
                        .formatted(FakeSandboxd.PROCESS));
        assertThat(metrics.text())
                .contains("agenttier_invoke_requests_total{template=\"langgraph\",outcome=\"completed\",} 1.0");
    }

    @Test
    void onePlaceTooFewIsFourTwoNineWithBothNumbers() {
        pod.next((asked, to) -> to.raw("""
                HTTP/1.1 429 X\r
                AgentTier-Protocol: 1\r
                AgentTier-Limit: 4\r
                AgentTier-Inflight: 4\r
                Content-Length: 19\r
                \r
                {"message":"full "}"""));
        assertThatThrownBy(() -> serve(Calls.post("invoke"), FakeExchange.empty()))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.error()).isInstanceOfSatisfying(ApiError.Full.class, full -> {
                            assertThat(full.retryAfter()).isEqualTo(Duration.ofSeconds(5));
                            assertThat(full.causes())
                                    .containsExactly(
                                            new ApiError.Cause("concurrency_exceeded", "limit", "4"),
                                            new ApiError.Cause("concurrency_exceeded", "inflight", "4"));
                        }));
        assertThat(metrics.text()).contains("agenttier_invoke_throttled_total 1.0");
    }

    @Test
    void anAnswerThatMayLastNoLongerSaysWhereToGoOn() throws Exception {
        pod.next((asked, to) -> {
            to.frames();
            to.awaitCut();
        });
        pod.next((asked, to) -> {
            to.frames();
            to.awaitCut();
        });
        // two seconds before the end of what kube-apiserver gives, which is at once
        var events = serve(Calls.post("invoke").events().query("timeout", "2001ms"), FakeExchange.empty());
        assertThat(events.text()).endsWith("""
                event: continue
                id: 0
                data: {"process":"%s","offset":0}

                """.formatted(FakeSandboxd.PROCESS));
        assertThat(events.isEnded()).isTrue();
        assertThat(events.notes).containsEntry("close-reason", "continued").doesNotContainKey("exit-reason");
        var document = serve(Calls.post("invoke").query("timeout", "2001ms"), FakeExchange.empty());
        assertThat(document.notes).containsEntry("close-reason", "continued").containsEntry("bytes-stdout", "0");
        assertThat(document.status()).isEqualTo(202);
        assertThat(document.json())
                .containsEntry("process", FakeSandboxd.PROCESS)
                .containsEntry("offset", 0);
    }

    @Test
    void aPauseWithinACharacterLosesAndDoublesNothing() throws Exception {
        pod.next((asked, to) -> {
            to.frames().output('o', 0, Arrays.copyOf("aä".getBytes(StandardCharsets.UTF_8), 2));
            to.awaitCut();
        });
        var call = Calls.post("invoke").call();
        var caller = Caller.of("alice");
        var start = new StartRequest(null, List.of("agent"), "", Map.of(), "", "", 0, false, false, false, null);
        var frames = client.startAndWatch(pod.endpoint(), caller, start);
        var opened = new LiveOutput.Opened(pod.endpoint(), frames, Optional.empty(), true);
        var exchange = FakeExchange.empty();
        try (var output = LiveOutput.start(source, call, caller, opened)) {
            var pump = CompletableFuture.runAsync(() -> {
                try {
                    EventPump.run(exchange, output);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            await().until(() -> exchange.text().contains("event: log"));
            output.pause();
            pump.get();
        }
        assertThat(exchange.text()).contains("\"data\":\"a\",\"offset\":1").endsWith("""
                event: continue
                id: 1
                data: {"process":"%s","offset":1}

                """.formatted(
                        FakeSandboxd.PROCESS));
    }

    @Test
    void aLongBodyFollowsTheStart() throws IOException {
        var body = "x".repeat(InvokeInput.INLINE_BYTES + 1);
        pod.next((asked, to) -> {
            to.switched(0, false);
            to.output('o', 0, Integer.toString(to.hearStdin().length)).exited(6, 0);
        });
        var exchange = serve(Calls.post("invoke"), FakeExchange.with(body));
        assertThat(exchange.at("stdout")).isEqualTo(Integer.toString(body.length()));
        assertThat(exchange.notes)
                .containsEntry("exit-code", "0")
                .containsEntry("bytes-stdin", Integer.toString(body.length()))
                .doesNotContainKeys("argv", "stdin");
    }

    @Test
    void aBodyThatTurnsOutTooLongEndsWhatItBeganAndCountsOnce() throws Exception {
        pod.next((asked, to) -> {
            to.switched(0, false);
            to.awaitCut();
        });
        pod.next((asked, to) -> to.raw("HTTP/1.1 204 X\r\nAgentTier-Protocol: 1\r\n\r\n"));
        pod.next(
                (asked, to) -> to.json(
                        200,
                        FakeSandboxd.process("inv")
                                .replace(
                                        "\"exit\":null",
                                        "\"exit\":{\"outcome\":\"canceled\",\"by\":\"alice\",\"endedAt\":\"2026-01-01T00:00:01Z\",\"durationMs\":9}")));
        var tooLong = new FilterInputStream(new ByteArrayInputStream(new byte[1 << 20])) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int count = super.read(bytes, offset, length);
                if (count < 0) {
                    throw new ApiException(new ApiError.TooLarge("the body is longer than 1048576"));
                }
                return count;
            }
        };
        var exchange = FakeExchange.streaming(tooLong);
        assertThatThrownBy(() -> serve(Calls.post("invoke"), exchange))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.TooLarge.class));
        assertThat(exchange.notes)
                .containsEntry("process", FakeSandboxd.PROCESS)
                .containsEntry("bytes-stdin", "1048576");
        assertThat(pod.asked.get(1).line())
                .isEqualTo("DELETE /v1/processes/%s HTTP/1.1".formatted(FakeSandboxd.PROCESS));
        assertThat(told.take()).startsWith("NORMAL AgentInvokeStarted");
        assertThat(told.take()).startsWith("WARNING AgentInvokeFailed").contains("reason=canceled");
        assertThat(metrics.text())
                .contains("agenttier_invoke_requests_total{template=\"langgraph\",outcome=\"body_too_large\",} 1.0")
                .doesNotContain("outcome=\"canceled\"");
    }

    @Test
    void theAuditLineHasAHashOfArgvAndForDevelopmentArgv() throws IOException {
        pod.next((asked, to) -> to.frames().output('o', 0, "canary").exited(6, 0));
        pod.next((asked, to) -> to.frames().exited(0, 0));
        var envelope = Calls.post("invoke").header("content-type", SandboxInvokeRequest.MEDIA_TYPE);
        var body = "{\"args\":[\"--secret=canary-argv\"],\"stdin\":\"canary-stdin\"}";
        var silent = serve(envelope, FakeExchange.with(body));
        assertThat(silent.notes.toString()).doesNotContain("canary");
        assertThat(silent.notes)
                .containsEntry("process", FakeSandboxd.PROCESS)
                .containsEntry("argv-sha256", "19e5aae5bb840e6106b6b59a176d9211c771951a88d0fb2e40f60375bb2e0af5")
                .containsEntry("bytes-stdin", "12")
                .containsEntry("bytes-stdout", "6")
                .containsEntry("exit-reason", "completed");
        var development = FakeExchange.with(body);
        development.notesContent = true;
        assertThat(serve(envelope, development).notes)
                .containsEntry("argv", "[\"agent\",\"--secret=canary-argv\"]")
                .containsEntry("stdin", "canary-stdin");
    }

    @Test
    void codeModeAndAMissingEntrypointAreRefusedOnOneLiveRead() {
        sandboxes.cached(FakeSandboxes.running()).live(FakeSandboxes.running());
        assertThatThrownBy(() -> serve(Calls.post("invoke"), FakeExchange.empty()))
                .hasMessageContaining("files")
                .hasMessageContaining("exec")
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(sandboxes.liveReads).hasValue(1);
        var bare = FakeSandboxes.agent(AgentState.agent("t", false, null, null));
        sandboxes.cached(bare).live(bare);
        assertThatThrownBy(() -> serve(Calls.post("invoke"), FakeExchange.empty()))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.FailedDependency.class));
        assertThat(sandboxes.liveReads).hasValue(2);
    }

    @Test
    void aCacheThatLagsBehindAConfigureRefusesNothing() throws IOException {
        sandboxes.cached(FakeSandboxes.running());
        pod.next((asked, to) -> to.frames().exited(0, 0));
        assertThat(serve(Calls.post("invoke"), FakeExchange.empty()).status()).isEqualTo(200);
    }

    private FakeExchange serve(Calls calls, FakeExchange exchange) throws IOException {
        var limits = new AgentLimits(
                ConfigureLimits.DEFAULT,
                1 << 20,
                1 << 20,
                Duration.ofHours(24),
                Duration.ofMinutes(15),
                Duration.ofSeconds(40));
        var invoke = new InvokeResource(
                new AgentAccess(sandboxes),
                source,
                limits,
                new MemoryBudget(8 << 20, Duration.ZERO, () -> {}),
                new InvokeRecord(source, events, metrics.agent()));
        invoke.serve(calls.call(), exchange);
        return exchange;
    }
}
