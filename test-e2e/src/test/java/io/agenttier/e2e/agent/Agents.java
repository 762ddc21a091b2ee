package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Calls of agent mode as any HTTP client makes them, to one sandbox. */
public final class Agents {
    static final String EVENTS = "text/event-stream";
    static final String ENVELOPE = "application/vnd.agenttier.invoke+json";

    private final TestNamespace namespace;
    private final String sandbox;

    private Agents(TestNamespace namespace, String sandbox) {
        this.namespace = namespace;
        this.sandbox = sandbox;
    }

    /** A new sandbox in agent mode, Ready. */
    public static Agents ready(TestNamespace namespace, String... specLines) {
        var lines = new java.util.ArrayList<>(List.of(specLines));
        lines.add("mode: agent");
        return new Agents(namespace, namespace.ready(lines.toArray(String[]::new)));
    }

    public String sandbox() {
        return sandbox;
    }

    public TestNamespace namespace() {
        return namespace;
    }

    public String path(String subresource) {
        return namespace.path(sandbox, subresource);
    }

    /** A configuration of one shell program, {@code agent.sh}, that is the entrypoint. */
    public static Map<String, Object> program(String script) {
        return Map.of(
                "files", List.of(Map.of("path", "/workspace/agent.sh", "content", script)),
                "entrypoint", List.of("sh", "/workspace/agent.sh"));
    }

    /** Configures and expects that it succeeds. */
    public JsonNode configure(Map<String, ?> body) {
        var reply = namespace.api().post(path("configure"), body);
        assertThat(reply.code()).as(reply.toString()).isEqualTo(200);
        assertThat(reply.json().path("installExitCode").asInt(-99))
                .as(reply.toString())
                .isZero();
        return reply.json();
    }

    SseStream configuring(Map<String, ?> body) throws IOException {
        return new SseStream(namespace
                .api()
                .with("Accept", EVENTS)
                .open("POST", path("configure"), KubeApi.bytes(body), "application/json"));
    }

    KubeApi.Reply invoke(String stdin) {
        return invoke("invoke", stdin);
    }

    /** @param call {@code invoke}, and its query */
    KubeApi.Reply invoke(String call, String stdin) {
        return namespace.api().call("POST", path(call), stdin.getBytes(StandardCharsets.UTF_8), "text/plain");
    }

    SseStream invoking(String call, String stdin) throws IOException {
        return new SseStream(namespace
                .api()
                .with("Accept", EVENTS)
                .open("POST", path(call), stdin.getBytes(StandardCharsets.UTF_8), "text/plain"));
    }

    /** The rest of a process's output, from an offset on. */
    SseStream log(String process, long offset) throws IOException {
        return new SseStream(namespace
                .api()
                .with("Accept", EVENTS)
                .open("GET", path("log?process=%s&offset=%d&follow=true".formatted(process, offset)), null, null));
    }

    JsonNode status() {
        return namespace.sandbox(sandbox).get("status");
    }

    /** The condition Configured as {@code status/reason}. */
    String configured() {
        for (var condition : status().path("conditions")) {
            if (condition.path("type").asText().equals("Configured")) {
                return condition.path("status").asText() + "/"
                        + condition.path("reason").asText();
            }
        }
        return "absent";
    }
}
