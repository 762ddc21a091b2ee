package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.agenttier.api.Agent;
import io.agenttier.apiserver.route.Aggregator;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import io.agenttier.apiserver.sandboxd.PodAuthority;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.sandboxd.Signer;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Nothing that a caller or a process says reaches a span or the log, at level debug either. */
@Timeout(60)
class SpanCanaryTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final Signer SIGNER = CA.signer();
    private static final InstantSource CLOCK = InstantSource.system();
    private static final String CANARY = "c4n4ry";
    private static final AgentState AGENT = AgentState.agent(
            "langgraph", false, new Agent(List.of("agent", CANARY), List.of(), null, List.of(), 4, "10m"), null);
    private static final SandboxState STATE = new SandboxState(
            "team1",
            "web",
            "uid-1",
            "Running",
            false,
            null,
            List.of(FakeSandboxes.pod(FakeSandboxd.INCARNATION)),
            Lifecycle.ENDLESS,
            new TreeSet<>(List.of(8080)),
            AGENT);
    private static final String SANDBOX = "namespaces/team1/sandboxes/web/";

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final SandboxdClient client =
            new SandboxdClient(() -> Optional.of(SIGNER), CLOCK, new PodBound(100, () -> {}));
    private final FakeSandboxes sandboxes = new FakeSandboxes().cached(STATE).live(STATE);
    private final SandboxEvents events = new SandboxEvents(sandboxes, (_, _, _, _, _) -> {}, CLOCK);
    private final ExportedSpans spans = new ExportedSpans();
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private final JsonEncoder encoder = new JsonEncoder();
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent line) {
            lines.add(new String(encoder.encode(line), StandardCharsets.UTF_8));
        }
    };
    private Aggregator kube;

    @BeforeEach
    void start() throws Exception {
        kube = new Aggregator(spans.tracing, subresources());
        encoder.start();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
    }

    @AfterEach
    void stop() throws IOException {
        root.setLevel(level);
        root.detachAppender(log);
        kube.close();
        events.close();
        client.close();
        pod.close();
    }

    private Subresource[] subresources() {
        var access = new SandboxAccess(sandboxes, pod.port());
        var source = new LiveOutput.Source(access, client, CLOCK, List.of(Duration.ZERO));
        var agents = new AgentAccess(sandboxes);
        var metrics = new Metrics().agent();
        var limits = AgentLimits.DEFAULT;
        var budget = new MemoryBudget(1 << 30, Duration.ZERO, () -> {});
        var configured = new ConfigureRecord(agents, source, new FakeAgentRecords(), limits, events, metrics);
        return new Subresource[] {
            new InvokeResource(agents, source, limits, budget, new InvokeRecord(source, events, metrics)),
            new ConfigureResource(agents, source, limits, budget, configured),
            new ExecResource(source, ResourceLimits.DEFAULT, budget),
            new FilesResource(access, client, 1 << 20),
            new ProxyResource(access, client)
        };
    }

    @Test
    void neitherSpansNorLogTellWhatIsSaid() throws Exception {
        post(
                200,
                "invoke?x=" + CANARY,
                CANARY,
                (_, to) -> to.frames()
                        .output('o', 0, CANARY)
                        .output('e', 6, CANARY)
                        .exited(12, 1));
        post(200, "invoke", CANARY, (_, to) -> to.frames().exit(0, """
                {"outcome":"notStarted","code":127,"message":"%s","endedAt":"2026-01-01T00:00:01Z","durationMs":7}""".formatted(CANARY)));
        post(400, "invoke", CANARY, (_, to) -> to.json(400, "{\"message\":\"%s\"}".formatted(CANARY)));
        post(
                200,
                "exec?%s=%s".formatted(CANARY, CANARY),
                """
                {"command":["%1$s","%1$s"],"env":{"%1$s":"%1$s"},"stdin":"%1$s"}""".formatted(CANARY),
                (_, to) -> to.frames().output('o', 0, CANARY).exited(6, 0));
        post(
                200,
                "configure",
                """
                {"files":[{"path":"/workspace/%1$s","content":"%1$s"}],"installCommand":["%1$s"],"entrypoint":["%1$s"]}""".formatted(CANARY),
                (_, to) -> to.frames().output('o', 0, CANARY).exited(6, 1),
                (_, to) -> to.json(500, "{\"message\":\"%s\"}".formatted(CANARY)));
        post(400, "configure", "{\"" + CANARY + "\":1}");
        call(
                400,
                "PUT",
                "files?path=/workspace/" + CANARY,
                CANARY,
                (_, to) -> to.json(400, "{\"message\":\"%s\"}".formatted(CANARY)));
        call(
                502,
                "GET",
                "proxy/8080/%s?%s".formatted(CANARY, CANARY),
                "",
                (_, to) -> to.json(503, "{\"message\":\"%s\"}".formatted(CANARY)));
        call(404, "GET", CANARY, "");
        post(502, "invoke", CANARY, (_, to) -> to.raw(CANARY + "\r\n\r\n"));
        await().until(() -> spans.named("apiserver.POST").size() == 7);
        await().until(() -> spans.named("apiserver.GET").size() == 2);
        await().until(() -> spans.named("apiserver.PUT").size() == 1);
        assertThat(spans.named("agenttier.invoke")).isNotEmpty();
        assertThat(spans.named("agenttier.configure")).isNotEmpty();
        assertThat(spans.all()).allSatisfy(span -> assertThat(span.toString()).doesNotContain(CANARY));
        assertThat(lines).isNotEmpty().noneMatch(line -> line.contains(CANARY));
    }

    private void post(int status, String target, String body, FakeSandboxd.Script... scripts) throws Exception {
        call(status, "POST", target, body, scripts);
    }

    private void call(int status, String method, String target, String body, FakeSandboxd.Script... scripts)
            throws Exception {
        for (var script : scripts) {
            pod.next(script);
        }
        try (var connection = kube.connectProxy()) {
            var answer = connection.callWithBody(
                    method,
                    Aggregator.path(SANDBOX + target),
                    body,
                    "X-Remote-User: " + CANARY,
                    "X-Remote-Group: " + CANARY,
                    "User-Agent: " + CANARY,
                    "Tracestate: x=" + CANARY);
            assertThat(answer.status()).as(method + " " + target).isEqualTo(status);
        }
    }
}
