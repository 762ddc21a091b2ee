package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every invocation is a process of its own, with exact events and an exact end ({@code spec} behaviour §9.2). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class InvokeE2E {
    private static final String SECRET = "canary-of-the-secret";
    private static final String PROGRAM = """
            case "$1" in
              echo) cat ;;
              env) echo "$GREETING $TOKEN" ;;
              args) shift; printf '%s|' "$@" ;;
              exit) exit "$2" ;;
              kill) kill -9 $$ ;;
              two) echo one; echo two >&2 ;;
              sleep) sleep 600 & echo $! > /workspace/child; echo begun; wait ;;
              gate) echo begun; until [ -e "/workspace/$2" ]; do sleep 0.1; done; echo over ;;
              count) echo x >> /workspace/count; cat ;;
              *) cat ;;
            esac
            """;

    private static Agents agents;

    @BeforeAll
    static void oneAgent(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "secret", "generic", "agent-token", "--from-literal=token=" + SECRET)
                .orThrow();
        agents = Agents.ready(
                namespace,
                "harness:",
                "  agent:",
                "    maxConcurrentInvokes: 4",
                "    env:",
                "    - {name: GREETING, value: hello}",
                "    - {name: TOKEN, valueFrom: {secretKeyRef: {name: agent-token, key: token}}}");
        agents.configure(Agents.program(PROGRAM));
    }

    @Test
    void eventsAreExact(TestNamespace namespace) throws IOException {
        // of its own: a sandbox has at most 20 Events of invocations a minute
        var quiet = Agents.ready(namespace);
        quiet.configure(Agents.program("cat\n"));
        try (var stream = quiet.invoking("invoke", "world")) {
            assertThat(stream.contentType()).isEqualTo("text/event-stream");
            var events = stream.rest();
            assertThat(events.stream().map(SseStream.Event::name)).containsExactly("start", "log", "exit");
            var id = events.getFirst().data().path("invokeId").asText();
            assertThat(id).matches("inv-" + quiet.status().path("incarnation").asText() + "[0-9a-f]{16}");
            assertThat(events.getFirst().data().path("startedAt").asLong()).isPositive();
            assertThat(events.get(1).data().toString())
                    .isEqualTo("{\"stream\":\"stdout\",\"data\":\"world\",\"offset\":5}");
            assertThat(events.get(1).id()).isEqualTo("5");
            var exit = events.getLast().data();
            assertThat(exit.path("invokeId").asText()).isEqualTo(id);
            assertThat(exit.path("exitCode").asInt(-9)).isZero();
            assertThat(exit.path("reason").asText()).isEqualTo("completed");
            assertThat(exit.path("durationMs").isNumber()).isTrue();
            namespace.awaitEvent(quiet.sandbox(), "AgentInvokeStarted", id);
            namespace.awaitEvent(
                    quiet.sandbox(), "AgentInvokeCompleted", "invokeId=" + id + " exit=0 reason=completed");
        }
    }

    @Test
    void endsAreExact() {
        expect(List.of("exit", "42"), "completed", 42);
        expect(List.of("kill"), "signaled", 137);
        var missing = Agents.ready(agents.namespace());
        missing.configure(Map.of("entrypoint", List.of("no-such-program")));
        var reply = missing.invoke("").json();
        assertThat(reply.path("exitCode").asInt()).isEqualTo(127);
        assertThat(reply.path("reason").asText()).isEqualTo("error");
        assertThat(reply.path("message").asText()).contains("no-such-program");
        var late = envelope(Map.of("args", List.of("sleep"), "invokeTimeout", "1s"))
                .json();
        assertThat(late.path("reason").asText()).isEqualTo("timeout");
        assertThat(late.path("exitCode").asInt()).isEqualTo(-1);
        assertThat(child()).as("a child of the invocation that ran out of time").isEqualTo("gone");
        assertThat(envelope(Map.of("invokeTimeout", "31m")).toString())
                .startsWith("422")
                .contains("invokeTimeout")
                .contains("30m");
    }

    @Test
    void anEnvelopeHasPromptAndArguments() {
        var reply = envelope(Map.of("args", List.of("args", "a b", ""), "prompt", "do it"))
                .json();
        assertThat(reply.path("stdout").asText()).isEqualTo("a b||--prompt=do it|");
        assertThat(envelope(Map.of("prompt", "only")).json().path("stdout").asText())
                .isEqualTo("only");
        assertThat(envelope(Map.of("prompt", "p", "stdin", "s"))
                        .json()
                        .path("stdout")
                        .asText())
                .isEqualTo("s");
    }

    @Test
    void itsEnvironmentIsItsOwn() {
        var inside = envelope(Map.of("args", List.of("env"))).json();
        assertThat(inside.path("stdout").asText()).isEqualTo("hello " + SECRET + "\n");
        var outside = Exec.json(
                agents.namespace(), agents.sandbox(), Map.of("script", "env; tr '\\0' '\\n' < /proc/1/environ"));
        assertThat(outside.toString()).doesNotContain(SECRET).doesNotContain("GREETING");
    }

    @Test
    void aLongBodyIsStreamed() {
        var body = "0123456789abcdef".repeat(1 << 16);
        var reply = agents.invoke(body);
        assertThat(reply.json().path("stdout").asText()).isEqualTo(body);
        var tooLong =
                agents.namespace().api().call("POST", agents.path("invoke"), new byte[(16 << 20) + 1], "text/plain");
        assertThat(tooLong.code()).as(tooLong.toString()).isEqualTo(413);
    }

    @Test
    void oneKeyIsOneInvocation() {
        var api = agents.namespace().api().with("Idempotency-Key", "the same");
        var ids = new java.util.HashSet<String>();
        for (var i = 0; i < 3; i++) {
            var reply = api.call(
                    "POST",
                    agents.path("invoke"),
                    KubeApi.bytes(Map.of("args", List.of("count"), "stdin", "x")),
                    Agents.ENVELOPE);
            assertThat(reply.json().path("stdout").asText())
                    .as(reply.toString())
                    .isEqualTo("x");
            ids.add(reply.json().path("invokeId").asText());
        }
        assertThat(ids).hasSize(1);
        assertThat(agents.namespace()
                        .api()
                        .get(agents.path("files?path=/workspace/count"))
                        .text())
                .isEqualTo("x\n");
        var other = api.call(
                "POST",
                agents.path("invoke"),
                KubeApi.bytes(Map.of("args", List.of("count"), "stdin", "y")),
                Agents.ENVELOPE);
        assertThat(other.code()).as(other.toString()).isEqualTo(422);
    }

    @Test
    void cancelEndsTheWholeTree(TestNamespace namespace) throws IOException {
        try (var stream = sse(Map.of("args", List.of("sleep")))) {
            var id = stream.await("start").data().path("invokeId").asText();
            stream.await("log");
            assertThat(child()).isEqualTo("alive");
            assertThat(namespace
                            .api()
                            .delete(agents.path("processes?process=" + id))
                            .code())
                    .isEqualTo(204);
            var exit = stream.await("exit").data();
            assertThat(exit.path("reason").asText()).isEqualTo("canceled");
            assertThat(exit.path("exitCode").asInt()).isEqualTo(-1);
        }
        assertThat(child()).isEqualTo("gone");
    }

    @Test
    void aClientThatLeavesCancelsAndOneThatKeepsDoesNot() throws IOException {
        String left;
        try (var stream = sse(Map.of("args", List.of("gate", "never")))) {
            left = stream.await("start").data().path("invokeId").asText();
        }
        String kept;
        var keeping = new SseStream(agents.namespace()
                .api()
                .with("Accept", Agents.EVENTS)
                .open(
                        "POST",
                        agents.path("invoke?onDisconnect=keep"),
                        KubeApi.bytes(Map.of("args", List.of("gate", "kept"))),
                        Agents.ENVELOPE));
        try (keeping) {
            kept = keeping.await("start").data().path("invokeId").asText();
        }
        try (var end = agents.log(left, 0)) {
            // the reader that comes back within the grace keeps it alive: let it go again
            end.await("log");
        }
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(exitOf(left)).isEqualTo("canceled"));
        assertThat(exitOf(kept)).isEqualTo("running");
        Exec.json(agents.namespace(), agents.sandbox(), Map.of("script", "touch /workspace/kept"));
        try (var end = agents.log(kept, 0)) {
            assertThat(end.await("exit").data().path("exitCode").asInt(-9)).isZero();
        }
    }

    @Test
    void goesOnByLogBeforeTheCut() throws IOException {
        var body = KubeApi.bytes(Map.of("args", List.of("gate", "open")));
        var stream = new SseStream(agents.namespace()
                .api()
                .with("Accept", Agents.EVENTS)
                .open("POST", agents.path("invoke?timeout=6s"), body, Agents.ENVELOPE));
        try (stream) {
            var cut = stream.await("continue").data();
            assertThat(stream.next()).as("something after continue").isEmpty();
            Exec.json(agents.namespace(), agents.sandbox(), Map.of("script", "touch /workspace/open"));
            try (var rest =
                    agents.log(cut.path("process").asText(), cut.path("offset").asLong())) {
                var events = rest.rest();
                assertThat(new String(SseStream.output(events, "stdout"), StandardCharsets.UTF_8))
                        .isEqualTo("over\n");
                assertThat(events.getLast().data().path("exitCode").asInt(-9)).isZero();
            }
        }
        var later = agents.namespace()
                .api()
                .call(
                        "POST",
                        agents.path("invoke?timeout=5s"),
                        KubeApi.bytes(Map.of("args", List.of("sleep"), "invokeTimeout", "8s")),
                        Agents.ENVELOPE);
        assertThat(later.code()).as(later.toString()).isEqualTo(202);
        assertThat(later.json().path("offset").asLong(-1)).isZero();
        try (var rest = agents.log(later.json().path("process").asText(), 0)) {
            assertThat(rest.await("exit").data().path("reason").asText()).isEqualTo("timeout");
        }
    }

    private static void expect(List<String> args, String reason, int exitCode) {
        var reply = envelope(Map.of("args", args)).json();
        assertThat(reply.path("reason").asText()).as(reply.toString()).isEqualTo(reason);
        assertThat(reply.path("exitCode").asInt(-9)).isEqualTo(exitCode);
    }

    private static KubeApi.Reply envelope(Map<String, ?> body) {
        return agents.namespace().api().call("POST", agents.path("invoke"), KubeApi.bytes(body), Agents.ENVELOPE);
    }

    private static SseStream sse(Map<String, ?> body) throws IOException {
        return new SseStream(agents.namespace()
                .api()
                .with("Accept", Agents.EVENTS)
                .open("POST", agents.path("invoke"), KubeApi.bytes(body), Agents.ENVELOPE));
    }

    /** Whether the background child of {@code sleep} lives. */
    private static String child() {
        return Exec.json(
                        agents.namespace(),
                        agents.sandbox(),
                        Map.of("script", "kill -0 $(cat /workspace/child) 2>/dev/null && printf alive || printf gone"))
                .path("stdout")
                .asText();
    }

    private static String exitOf(String process) {
        for (var item :
                agents.namespace().api().get(agents.path("processes")).json().path("items")) {
            if (item.path("id").asText().equals(process)) {
                return item.path("running").asBoolean()
                        ? "running"
                        : item.at("/exit/reason").asText();
            }
        }
        return "unknown";
    }
}
