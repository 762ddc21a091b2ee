package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.AuditLogs;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.MetricsPages;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Arguments, environment, standard input, output and content of files reach their callers and nobody else: a canary planted in all of them is in
 * no log, Event or metric ({@code spec} behaviour §9.2, §20).
 */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CanaryE2E {
    private static final Path CLUSTER_LOGS = Path.of("build/cluster/log");
    /** In everything planted. */
    private final String canary = "canary" + UUID.randomUUID().toString().replace("-", "");

    private Agents agents;

    @BeforeAll
    void plant(TestNamespace namespace) {
        namespace
                .kubectl()
                .run("create", "secret", "generic", "canary", "--from-literal=token=" + canary)
                .orThrow();
        agents = Agents.ready(
                namespace,
                "harness:",
                "  agent:",
                "    env:",
                "    - {name: PLAIN, value: %s}".formatted(canary),
                "    - {name: TOKEN, valueFrom: {secretKeyRef: {name: canary, key: token}}}");
        configure();
        invoke();
        exec();
        assertThat(write("/workspace/held", canary).code()).isEqualTo(201);
        assertThat(namespace
                        .api()
                        .get(agents.path("files?path=/workspace/held"))
                        .text())
                .isEqualTo(canary);
    }

    private void configure() {
        var failing = new HashMap<String, Object>(Agents.program("exit 0\n"));
        failing.put("installScript", "echo %1$s; echo %1$s >&2; exit 3".formatted(canary));
        var failed = agents.namespace().api().post(agents.path("configure"), failing);
        assertThat(failed.json().path("installExitCode").asInt())
                .as(failed.toString())
                .isEqualTo(3);

        var program = """
                # %1$s
                echo "%1$s $TOKEN $*"
                echo "%1$s" >&2
                cat
                test "$1" != fail || exit 3
                """.formatted(canary);
        var good = Map.of(
                "files", List.of(Map.of("path", "/workspace/agent.sh", "content", program)),
                "installCommand", List.of("sh", "-c", "echo $0 $TOKEN; cat /workspace/agent.sh", canary),
                "entrypoint", List.of("sh", "/workspace/agent.sh"));
        agents.configure(good);
        assertThat(agents.namespace()
                        .api()
                        .get(agents.path("log?source=install"))
                        .text())
                .startsWith(canary + " " + canary);
    }

    private void invoke() {
        var good = envelope(Map.of("args", List.of("--key=" + canary), "stdin", canary));
        assertThat(good.path("stdout").asText()).isEqualTo("%1$s %1$s --key=%1$s\n%1$s".formatted(canary));
        assertThat(good.path("exitCode").asInt(-9)).isZero();
        var failing = envelope(Map.of("args", List.of("fail", canary), "prompt", canary));
        assertThat(failing.path("exitCode").asInt()).isEqualTo(3);
        var refused = agents.namespace()
                .api()
                .call(
                        "POST",
                        agents.path("invoke"),
                        KubeApi.bytes(Map.of("args", List.of(canary), "invokeTimeout", canary)),
                        Agents.ENVELOPE);
        assertThat(refused.code()).as(refused.toString()).isEqualTo(422);
        // an entrypoint with arguments of its own, which cannot be started; its caller is told what it is
        agents.configure(Map.of("entrypoint", List.of("/" + canary, canary)));
        var missing = envelope(Map.of("stdin", canary));
        assertThat(missing.path("reason").asText()).isEqualTo("error");
        assertThat(missing.path("message").asText()).contains(canary);
    }

    private void exec() {
        var body = Map.of(
                "command", List.of("sh", "-c", "echo $0 $CANARY; echo $0 >&2; cat", canary),
                "env", Map.of("CANARY", canary),
                "stdin", canary);
        var good = agents.namespace().api().post(agents.path("exec"), body).json();
        assertThat(good.path("stdout").asText()).isEqualTo("%1$s %1$s\n%1$s".formatted(canary));
        var missing = agents.namespace()
                .api()
                .post(agents.path("exec"), Map.of("command", List.of("/" + canary)))
                .json();
        assertThat(missing.path("message").asText()).contains(canary);
    }

    private JsonNode envelope(Map<String, ?> body) {
        return agents.namespace()
                .api()
                .call("POST", agents.path("invoke"), KubeApi.bytes(body), Agents.ENVELOPE)
                .json();
    }

    private KubeApi.Reply write(String path, String content) {
        return agents.namespace()
                .api()
                .call(
                        "PUT",
                        agents.path("files?path=" + path),
                        content.getBytes(StandardCharsets.UTF_8),
                        "application/octet-stream");
    }

    @Test
    void isInNoEventOfTheSandbox(TestNamespace namespace) {
        namespace.awaitEvent(agents.sandbox(), "AgentInvokeFailed", "exit=3");
        namespace.awaitEvent(agents.sandbox(), "AgentInvokeFailed", "exit=127");
        assertThat(namespace
                        .kubectl()
                        .run("get", "events", "-o", "json")
                        .orThrow()
                        .stdout())
                .doesNotContain(canary);
    }

    @Test
    void isInNoLogOfOurs(TestNamespace namespace) {
        var logs = new AuditLogs(namespace);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(logs.ours().values())
                        .anyMatch(line ->
                                line.at("/objectRef/subresource").asText().equals("files")
                                        && line.path("verb").asText().equals("get")));
        var ours = namespace.cluster().kubectl().in("agenttier");
        for (var component : List.of("apiserver", "controller")) {
            assertThat(ours.run("logs", "-l", "app.kubernetes.io/component=" + component, "--tail=-1")
                            .orThrow()
                            .stdout())
                    .as(component)
                    .isNotEmpty()
                    .doesNotContain(canary);
        }
    }

    @Test
    void isNotInTheLogOfThePod(TestNamespace namespace) {
        var pod = namespace.pods(agents.sandbox()).strip();
        assertThat(pod).startsWith("pod/");
        assertThat(namespace
                        .kubectl()
                        .run("logs", pod, "--all-containers", "--tail=-1")
                        .orThrow()
                        .stdout())
                .doesNotContain(canary);
    }

    @Test
    void isInNoMetric(TestNamespace namespace) {
        var pages = new MetricsPages(namespace.cluster());
        assertThat(pages.apiserver())
                .contains("agenttier_invoke_requests_total")
                .doesNotContain(canary);
        assertThat(pages.controller()).contains("agenttier_").doesNotContain(canary);
    }

    @Test
    void isInNoLogOfTheCluster(TestNamespace namespace) {
        AuditLogs.assumeReadable();
        var logs = new AuditLogs(namespace);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(logs.kube().values())
                        .anyMatch(line ->
                                line.at("/objectRef/subresource").asText().equals("invoke")));
        assertThat(Command.run("grep", "-cF", canary, AuditLogs.KUBE.toString()).stdout())
                .isEqualTo("0\n");
        if (Files.isDirectory(CLUSTER_LOGS)) {
            assertThat(Command.run("grep", "-rlF", canary, CLUSTER_LOGS.toString())
                            .stdout())
                    .isEmpty();
        }
    }
}
