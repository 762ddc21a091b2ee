package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files, installation and entrypoint of an agent: once, idempotent, and never half ({@code spec} behaviour §9.1). */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ConfigureE2E {
    private static final String HASH_OF_SCRIPT_AND_FILE = "[0-9a-f]{64}";

    @Test
    void installsOnceAndSkipsTheSame(TestNamespace namespace) throws IOException {
        var agents = Agents.ready(namespace);
        assertThat(agents.invoke("x").toString()).startsWith("424").contains("kubectl sandbox configure");
        Awaitility.await().untilAsserted(() -> assertThat(agents.configured()).isEqualTo("False/NotConfigured"));

        var body = Map.of(
                "files", List.of(Map.of("path", "/workspace/a/agent.sh", "content", "cat; echo \"$1\"\n")),
                "installScript", "echo out; echo err >&2; date +%s%N > /workspace/installed",
                "entrypoint", List.of("sh", "/workspace/a/agent.sh", "grüße"));
        var first = events(agents, body);
        var result = first.getLast();
        assertThat(result.name()).isEqualTo("result");
        assertThat(new String(SseStream.output(first, "stdout"), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("out\n");
        assertThat(new String(SseStream.output(first, "stderr"), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("err\n");
        assertThat(result.data().path("installExitCode").asInt(-9)).isZero();
        assertThat(result.data().path("skipped").asBoolean(true)).isFalse();
        assertThat(result.data().path("installCommandHash").asText()).matches(HASH_OF_SCRIPT_AND_FILE);
        assertThat(agents.invoke("hello ").json().path("stdout").asText()).isEqualTo("hello grüße\n");

        var stamp = read(agents, "/workspace/installed");
        var second = events(agents, body);
        assertThat(second).hasSize(1);
        assertThat(second.getFirst().data().path("skipped").asBoolean()).isTrue();
        assertThat(read(agents, "/workspace/installed")).as("installed twice").isEqualTo(stamp);

        var status = agents.status().get("agentConfigure");
        assertThat(status.path("installCommandHash")).isEqualTo(result.data().get("installCommandHash"));
        assertThat(status.path("entrypoint").get(2).asText()).isEqualTo("grüße");
        assertThat(status.path("defaultInvokeTimeoutSeconds").asInt()).isEqualTo(1800);
        Awaitility.await().untilAsserted(() -> assertThat(agents.configured()).isEqualTo("True/Configured"));
        namespace.awaitEvent(agents.sandbox(), "AgentConfigured", "install_exit=0");
        assertThat(namespace
                        .api()
                        .get(agents.path("log?source=install&stream=stdout"))
                        .text())
                .isEqualTo("out\n");
    }

    @Test
    void aFailedInstallLeavesWhatWasInForce(TestNamespace namespace) throws IOException {
        var agents = Agents.ready(namespace);
        var broken = events(agents, Map.of("installScript", "echo no; exit 3", "entrypoint", List.of("true")));
        assertThat(broken.getLast().data().path("installExitCode").asInt()).isEqualTo(3);
        Awaitility.await().untilAsserted(() -> assertThat(agents.configured()).isEqualTo("False/InstallFailed"));
        assertThat(agents.invoke("").code()).isEqualTo(424);

        agents.configure(Agents.program("echo first\n"));
        var worse = events(
                agents,
                Map.of(
                        "files",
                        List.of(
                                Map.of("path", "/workspace/agent.sh", "content", "echo second\n"),
                                Map.of("path", "/workspace/new", "content", "x")),
                        "installScript",
                        "exit 7",
                        "entrypoint",
                        List.of("false")));
        assertThat(worse.getLast().data().path("installExitCode").asInt()).isEqualTo(7);
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("first\n");
        assertThat(Exec.json(namespace, agents.sandbox(), Map.of("script", "ls /workspace/new"))
                        .path("exitCode")
                        .asInt())
                .as("a file of the failed configuration is still there")
                .isNotZero();
        assertThat(agents.configured()).isEqualTo("True/Configured");
    }

    @Test
    void oneAtATimeAndTheSameJoins(TestNamespace namespace) throws IOException {
        var agents = Agents.ready(namespace);
        var body = Map.of(
                "installScript",
                "echo begun; until [ -e /workspace/go ]; do sleep 0.1; done; echo over",
                "entrypoint",
                List.of("true"));
        try (var first = agents.configuring(body)) {
            first.await("log");
            var other = namespace.api().post(agents.path("configure"), Map.of("installScript", "true"));
            assertThat(other.code()).as(other.toString()).isEqualTo(409);
            try (var joined = agents.configuring(body)) {
                assertThat(new String(joined.await("log").bytes(), java.nio.charset.StandardCharsets.UTF_8))
                        .startsWith("begun");
                Exec.json(namespace, agents.sandbox(), Map.of("script", "touch /workspace/go"));
                assertThat(joined.await("result").data().path("installExitCode").asInt(-9))
                        .isZero();
            }
            assertThat(first.await("result").data().path("installExitCode").asInt(-9))
                    .isZero();
        }
    }

    @Test
    void goesOnByLogBeforeTheCut(TestNamespace namespace) throws IOException {
        var agents = Agents.ready(namespace);
        var body = Map.of(
                "installScript",
                "echo begun; until [ -e /workspace/go ]; do sleep 0.1; done; echo over",
                "entrypoint",
                List.of("true"));
        var events = new SseStream(namespace
                .api()
                .with("Accept", Agents.EVENTS)
                .open(
                        "POST",
                        agents.path("configure?timeout=6s"),
                        io.agenttier.e2e.client.KubeApi.bytes(body),
                        "application/json"));
        try (events) {
            var cut = events.await("continue").data();
            Exec.json(namespace, agents.sandbox(), Map.of("script", "touch /workspace/go"));
            try (var rest =
                    agents.log(cut.get("process").asText(), cut.get("offset").asLong())) {
                assertThat(new String(rest.await("log").bytes(), java.nio.charset.StandardCharsets.UTF_8))
                        .isEqualTo("over\n");
                assertThat(rest.await("exit").data().path("exitCode").asInt(-9)).isZero();
            }
        }
        // recorded without anybody asking; and whoever asks again is told
        Awaitility.await().untilAsserted(() -> assertThat(agents.configured()).isEqualTo("True/Configured"));
        assertThat(agents.configure(body).path("lastConfiguredAt").asText()).isNotEmpty();
    }

    @Test
    void survivesStopResumeAndTheLossOfItsPod(TestNamespace namespace) {
        var agents = Agents.ready(namespace);
        agents.configure(
                Agents.program("n=$(( $(cat /workspace/n 2>/dev/null || echo 0) + 1 )); echo $n | tee /workspace/n\n"));
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("1\n");
        namespace.kubectl().sandbox("stop", agents.sandbox()).orThrow();
        namespace.awaitPhase(agents.sandbox(), "Stopped");
        assertThat(agents.invoke("").code()).isEqualTo(409);
        namespace.kubectl().sandbox("resume", agents.sandbox()).orThrow();
        namespace.awaitReady(agents.sandbox());
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("2\n");
        var before = agents.status().path("incarnation").asText();
        namespace
                .kubectl()
                .run("delete", namespace.pods(agents.sandbox()).strip(), "--wait=false")
                .orThrow();
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(90))
                .until(() -> !agents.status().path("incarnation").asText().equals(before));
        namespace.awaitReady(agents.sandbox());
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("3\n");
    }

    @Test
    @Tag("disruptive")
    void survivesANewControllerAndAStartByIt(TestNamespace namespace) {
        var agents = Agents.ready(namespace);
        var body = Agents.program("echo still here\n");
        agents.configure(body);
        var before = agents.status().path("agentConfigure");
        namespace.cluster().restartController();
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("still here\n");
        namespace.kubectl().sandbox("stop", agents.sandbox()).orThrow();
        namespace.awaitPhase(agents.sandbox(), "Stopped");
        namespace.kubectl().sandbox("resume", agents.sandbox()).orThrow();
        namespace.awaitReady(agents.sandbox());
        assertThat(before.isObject()).isTrue();
        assertThat(agents.status().path("agentConfigure").path("entrypoint")).isEqualTo(before.path("entrypoint"));
        assertThat(agents.configure(body).path("skipped").asBoolean()).isTrue();
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("still here\n");
    }

    @Test
    void aNewPodOfEphemeralStorageInstallsAgain(TestNamespace namespace) {
        var agents = Agents.ready(namespace, "storage: {ephemeral: true}");
        var body = Agents.program("echo here\n");
        agents.configure(body);
        assertThat(agents.configure(body).path("skipped").asBoolean()).isTrue();
        namespace.kubectl().sandbox("stop", agents.sandbox()).orThrow();
        namespace.awaitPhase(agents.sandbox(), "Stopped");
        namespace.kubectl().sandbox("resume", agents.sandbox()).orThrow();
        namespace.awaitReady(agents.sandbox());
        assertThat(agents.configure(body).path("skipped").asBoolean(true)).isFalse();
        assertThat(agents.invoke("").json().path("stdout").asText()).isEqualTo("here\n");
    }

    @Test
    void whatIsWrongIsSaidAndNothingIsChanged(TestNamespace namespace) {
        var code = namespace.ready();
        var inCode = namespace.api().post(namespace.path(code, "configure"), Agents.program("true"));
        assertThat(inCode.toString()).startsWith("400").contains("files").contains("exec");

        var agents = Agents.ready(namespace);
        refuse(agents, Map.of(), 422, "at least one of");
        refuse(agents, Map.of("entrypoint", "true"), 400, "a list of strings");
        refuse(agents, Map.of("installCommand", List.of("a"), "installScript", "b"), 422, "choose one");
        for (var path : List.of("relative", "/workspace/../etc/x", "/etc/passwd", "/workspace/a\u0000b")) {
            refuse(agents, Map.of("files", List.of(Map.of("path", path, "content", "x"))), 422, "files[0].path");
        }
        refuse(agents, Map.of("files", List.of(Map.of("path", "/workspace/x"))), 422, "files[0].content");
        refuse(agents, Map.of("files", List.of(Map.of("path", "/workspace/x", "contentBase64", "?"))), 400, "base64");
        var file = Map.of("path", "/workspace/x", "content", "x".repeat((32 << 20) + 1));
        refuse(agents, Map.of("files", List.of(file)), 413, Integer.toString(32 << 20));
        assertThat(agents.status().has("agentConfigure")).isFalse();
        assertThat(Exec.json(namespace, agents.sandbox(), Map.of("script", "ls /workspace | wc -l"))
                        .path("stdout")
                        .asText()
                        .strip())
                .isEqualTo("0");
    }

    private static void refuse(Agents agents, Map<String, ?> body, int code, String message) {
        var reply = agents.namespace().api().post(agents.path("configure"), body);
        assertThat(reply.code()).as(reply.toString()).isEqualTo(code);
        assertThat(reply.json().path("message").asText()).contains(message);
        if (code == 422) {
            assertThat(reply.json().at("/details/kind").asText()).isEqualTo("SandboxConfigureRequest");
        }
    }

    private static List<SseStream.Event> events(Agents agents, Map<String, ?> body) throws IOException {
        try (var stream = agents.configuring(body)) {
            assertThat(stream.code()).isEqualTo(200);
            return stream.rest();
        }
    }

    private static String read(Agents agents, String path) {
        return agents.namespace().api().get(agents.path("files?path=" + path)).text();
    }
}
