package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.api.Agent;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.RequestSpan;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spans of invoke and configure: what they tell, and that metrics tell the same. */
@Timeout(60)
class AgentSpanTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final InstantSource CLOCK = InstantSource.system();
    private static final AgentState AGENT = AgentState.agent(
            "langgraph", false, new Agent(List.of("agent"), List.of(), null, List.of(), 4, "10m"), null);
    private static final AgentLimits LIMITS = new AgentLimits(
            ConfigureLimits.DEFAULT,
            1 << 20,
            1 << 20,
            Duration.ofHours(24),
            Duration.ofMinutes(15),
            Duration.ofSeconds(40));
    /** First digits of {@code printf alice | sha256sum}. */
    private static final String ALICE = "2bd806c9";

    private static final String FULL = """
            HTTP/1.1 429 X\r
            AgentTier-Protocol: 1\r
            AgentTier-Limit: 4\r
            AgentTier-Inflight: 4\r
            Content-Length: 19\r
            \r
            {"message":"full "}""";
    private static final String NO_CONTENT = "HTTP/1.1 204 X\r\nAgentTier-Protocol: 1\r\n\r\n";

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), CLOCK, new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes =
            new FakeSandboxes().cached(FakeSandboxes.agent(AGENT)).live(FakeSandboxes.agent(AGENT));
    private final Metrics metrics = new Metrics();
    private final SandboxEvents events = new SandboxEvents(sandboxes, (_, _, _, _, _) -> {}, CLOCK);
    private final LiveOutput.Source source =
            new LiveOutput.Source(new SandboxAccess(sandboxes, pod.port()), client, CLOCK, List.of(Duration.ZERO));
    private final ExportedSpans spans = new ExportedSpans();
    private final RequestSpan request = spans.tracing.request("POST", List.of(), "invoke", "create");

    @AfterEach
    void close() throws IOException {
        events.close();
        client.close();
        pod.close();
    }

    @Test
    void anInvocationIsBelowItsRequestWithAllThatIsKnown() throws IOException {
        pod.next((_, to) ->
                to.frames().output('o', 0, "hi").output('e', 2, "err").exited(5, 0));
        serve(invoke(), Calls.post("invoke"), FakeExchange.with("in"));
        request.ended(200);
        var parent = spans.one("apiserver.POST");
        var span = spans.one("agenttier.invoke");
        assertThat(span.getTraceId()).isEqualTo(parent.getTraceId());
        assertThat(span.getParentSpanId()).isEqualTo(parent.getSpanId());
        assertThat(span.getAttributes().asMap()).isEqualTo(attributes("completed", 7, 0, 2, 3));
        assertThat(Duration.ofNanos(span.getEndEpochNanos() - span.getStartEpochNanos()))
                .isEqualTo(Duration.ofMillis(7));
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThatMetricSays("invoke", "completed");
    }

    @Test
    void aCodeOtherThanZeroIsAnErrorWithoutADescription() throws IOException {
        pod.next((_, to) -> to.frames().exited(0, 42));
        serve(invoke(), Calls.post("invoke").events(), FakeExchange.empty());
        var span = spans.one("agenttier.invoke");
        assertThat(span.getAttributes().asMap()).isEqualTo(attributes("completed", 7, 42, 0, 0));
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span.getStatus().getDescription()).isEmpty();
    }

    @Test
    void aRefusedInvocationIsOneThatRanNothing() {
        pod.next((_, to) -> to.raw(FULL));
        assertThatThrownBy(() -> serve(invoke(), Calls.post("invoke"), FakeExchange.empty()))
                .isInstanceOf(ApiException.class);
        var span = spans.one("agenttier.invoke");
        assertThat(text(span, "outcome")).isEqualTo("throttled");
        assertThat(text(span, "sandbox")).isEqualTo("team1/web");
        assertThat(number(span, "exit_code")).isNull();
        assertThat(number(span, "bytes_stdout")).isNull();
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThatMetricSays("invoke", "throttled");
    }

    @Test
    void anInvocationWhoseClientLeftEndsWithWhatBecameOfIt() throws Exception {
        var exchange = FakeExchange.empty();
        pod.next((_, to) -> {
            to.frames().output('o', 0, "hi");
            exchange.leave();
            to.awaitCut();
        });
        pod.next((_, to) -> to.json(
                200,
                FakeSandboxd.process("inv")
                        .replace("\"bytesStdout\":0", "\"bytesStdout\":70")
                        .replace("\"exit\":null", """
                "exit":{"outcome":"canceled","by":"disconnect","endedAt":"2026-01-01T00:00:01Z","durationMs":10000}""")));
        assertThatThrownBy(() -> serve(invoke(), Calls.post("invoke"), exchange))
                .isInstanceOf(IOException.class);
        request.ended(0);
        var span = spans.one("agenttier.invoke");
        assertThat(span.getAttributes().asMap()).isEqualTo(attributes("canceled", 10_000, -1, 70, 0));
        assertThat(span.getParentSpanId()).isEqualTo(spans.one("apiserver.POST").getSpanId());
        assertThatMetricSays("invoke", "canceled");
    }

    @Test
    void aNameThatNoSandboxCanHaveIsNotTold() {
        var call = Calls.post("invoke")
                .header("accept", "image/png")
                .call("please sum up my diary", CLOCK.instant(), request);
        assertThatThrownBy(() -> invoke().serve(call, FakeExchange.empty())).isInstanceOf(ApiException.class);
        var span = spans.one("agenttier.invoke");
        assertThat(text(span, "outcome")).isEqualTo("stream_unsupported");
        assertThat(span.toString()).doesNotContain("diary");
    }

    @Test
    void aConfigurationTellsHowItsInstallationEnded() throws IOException {
        pod.next((_, to) -> to.frames().output('o', 0, "done").exited(4, 0));
        pod.next((_, to) -> to.frames().output('o', 0, "done").exited(4, 0));
        pod.next((_, to) -> to.raw(NO_CONTENT));
        serve(configure(), Calls.post("configure"), FakeExchange.with("{\"installCommand\":[\"make\"]}"));
        var span = spans.one("agenttier.configure");
        assertThat(text(span, "outcome")).isEqualTo("ok");
        assertThat(text(span, "template")).isEqualTo("langgraph");
        assertThat(text(span, "actor_hash")).isEqualTo(ALICE);
        assertThat(number(span, "exit_code")).isEqualTo(0);
        assertThat(number(span, "bytes_stdout")).isEqualTo(4);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThatMetricSays("configure", "ok");
    }

    @Test
    void aConfigurationThatFailsSaysWhy() throws IOException {
        pod.next((_, to) -> to.frames().exited(0, 3));
        pod.next((_, to) -> to.frames().exited(0, 3));
        serve(configure(), Calls.post("configure"), FakeExchange.with("{\"installCommand\":[\"make\"]}"));
        var failed = spans.one("agenttier.configure");
        assertThat(text(failed, "outcome")).isEqualTo("install_nonzero");
        assertThat(number(failed, "exit_code")).isEqualTo(3);
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThatMetricSays("configure", "install_nonzero");
    }

    @Test
    void aRefusedConfigurationIsToldToo() {
        assertThatThrownBy(() -> serve(configure(), Calls.post("configure"), FakeExchange.with("[]")))
                .isInstanceOf(ApiException.class);
        assertThat(text(spans.one("agenttier.configure"), "outcome")).isEqualTo("bad_request");
        assertThatMetricSays("configure", "bad_request");
    }

    private void assertThatMetricSays(String operation, String outcome) {
        assertThat(metrics.text())
                .contains("agenttier_%s_requests_total{template=\"langgraph\",outcome=\"%s\",} 1.0"
                        .formatted(operation, outcome));
    }

    private static Map<AttributeKey<?>, Object> attributes(
            String outcome, long ms, long exitCode, long stdout, long stderr) {
        return Attributes.builder()
                .put("sandbox", "team1/web")
                .put("template", "langgraph")
                .put("actor_hash", ALICE)
                .put("outcome", outcome)
                .put("exit_code", exitCode)
                .put("duration_ms", ms)
                .put("bytes_stdout", stdout)
                .put("bytes_stderr", stderr)
                .build()
                .asMap();
    }

    private static @Nullable String text(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.stringKey(key));
    }

    private static @Nullable Long number(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.longKey(key));
    }

    private void serve(Subresource subresource, Calls calls, FakeExchange exchange) throws IOException {
        subresource.serve(calls.call("web", CLOCK.instant(), request), exchange);
    }

    private InvokeResource invoke() {
        return new InvokeResource(
                new AgentAccess(sandboxes),
                source,
                LIMITS,
                new MemoryBudget(8 << 20, Duration.ZERO, () -> {}),
                new InvokeRecord(source, events, metrics.agent()));
    }

    private ConfigureResource configure() {
        var agents = new AgentAccess(sandboxes);
        return new ConfigureResource(
                agents,
                source,
                LIMITS,
                new MemoryBudget(1 << 30, Duration.ZERO, () -> {}),
                new ConfigureRecord(agents, source, new FakeAgentRecords(), LIMITS, events, metrics.agent()));
    }
}
