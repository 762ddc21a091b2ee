package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the clock does to sandboxes, and what calls do about it. */
@Tag("e2e")
@Timeout(120)
@ExtendWith(ClusterExtension.class)
class LifecycleTimersE2E {
    @Test
    void unusedSandboxStopsAsIdleAndOneWithAClientAttachedDoesNot(TestNamespace namespace) throws Exception {
        var used = namespace.ready("idleTimeout: 8s");
        var stream = Exec.sse(
                namespace.api(),
                namespace,
                used,
                Map.of("script", "for i in $(seq 1 60); do echo tick $i; sleep 1; done"));
        try (stream) {
            var unused = namespace.ready("idleTimeout: 8s");
            namespace.awaitPhase(unused, "Stopped");
            assertThat(namespace.sandbox(unused).at("/status/stopped/reason").asText())
                    .isEqualTo("IdleTimeout");
            assertThat(namespace.sandbox(unused).at("/spec/powerState").asText())
                    .isEqualTo("Stopped");
            awaitEvents(namespace, unused, "StopScheduled", "IdleTimeout", "Stopped");
            for (var output = ""; !output.contains("tick 20\n"); ) {
                output += new String(stream.await("log").bytes(), StandardCharsets.UTF_8);
            }
            assertThat(namespace.sandbox(used).at("/status/phase").asText())
                    .as("20 s of use at an idle timeout of 8 s")
                    .isEqualTo("Running");
            assertThat(namespace
                            .sandbox(used)
                            .at("/status/lastActivityTimestamp")
                            .asText())
                    .isNotEmpty();
        }
    }

    @Test
    void callStartsWhatIdledOutForACallerWhoMightResumeIt(TestNamespace namespace) {
        var sandbox = namespace.ready("idleTimeout: 8s", "autoResume: true");
        Exec.json(namespace, sandbox, Map.of("script", "echo kept > notes"));
        var process = Exec.json(namespace, sandbox, "true").get("process").asText();
        namespace.awaitPhase(sandbox, "Stopped");

        var gone = namespace.api().get(namespace.path(sandbox, "log?process=" + process));
        assertThat(gone.code()).as(gone.text()).isEqualTo(410);
        var admin = namespace.kubectl();
        admin.run("create", "role", "run", "--verb=create", "--resource=sandboxes.agenttier.io/exec")
                .orThrow();
        admin.run("create", "rolebinding", "run", "--role=run", "--user=runner").orThrow();
        var refused = namespace.api().as("runner").post(namespace.path(sandbox, "exec"), Map.of("script", "true"));
        assertThat(refused.code()).as(refused.text()).isEqualTo(409);
        assertThat(namespace.sandbox(sandbox).at("/status/phase").asText())
                .as("neither starts it")
                .isEqualTo("Stopped");

        assertThat(Exec.json(namespace, sandbox, "cat", "notes").get("stdout").asText())
                .isEqualTo("kept\n");
        assertThat(namespace.sandbox(sandbox).at("/spec/startRequestedAt").asText())
                .isNotEmpty();
    }

    @Test
    void stopOfAPersonStaysAStop(TestNamespace namespace) {
        var sandbox = namespace.apply("test-busybox", "autoResume: true", "powerState: Stopped");
        namespace.awaitPhase(sandbox, "Stopped");
        var refused = namespace.api().post(namespace.path(sandbox, "exec"), Map.of("script", "true"));
        assertThat(refused.code()).as(refused.text()).isEqualTo(409);
    }

    @Test
    void runEndsAtItsMaximumAndTheStoppedObjectAfterItsTimeToLive(TestNamespace namespace) {
        var sandbox = namespace.ready("timeout: 8s", "ttlSecondsAfterStopped: 4");
        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace.sandbox(sandbox).at("/status/stopped/reason").asText())
                .isEqualTo("MaxRuntimeReached");
        awaitGone(namespace, sandbox);
        awaitEvents(namespace, sandbox, "MaxRuntimeReached", "Stopped", "Deleted");
    }

    /** The terminal is kept through a WebSocket, a pipe beside it: only the terminal may be told, and no output is changed by it. */
    @Test
    void liveTerminalIsToldOfTheStopBesideItsOutput(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready("timeout: 40s");
        var terminal = new RawSocket();
        var keys = namespace
                .api()
                .socket(
                        namespace.path(sandbox, "exec?command=cat&stdin=true&stdout=true&stderr=true&tty=true"),
                        "v5.channel.k8s.io",
                        terminal);
        var pipe = new RawSocket();
        namespace
                .api()
                .socket(
                        namespace.path(sandbox, "exec?command=cat&stdin=true&stdout=true&stderr=true"),
                        "v5.channel.k8s.io",
                        pipe);
        assertThat(pipe.answer().code()).isEqualTo(101);
        var process = terminal.answer().header("AgentTier-Process");
        keys.send(RawSocket.message(0, "before\n"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(35))
                .until(() -> terminal.text(2).contains("sandbox " + sandbox + " will be stopped at "));
        assertThat(terminal.text(2)).endsWith(", its maximum run time\r\n");
        keys.send(RawSocket.message(0, "after\n"));
        var said = "before\r\nbefore\r\nafter\r\nafter\r\n";
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> terminal.text(1).equals(said));
        var log = namespace.api().get(namespace.path(sandbox, "log?process=" + process + "&offset=8"));
        assertThat(log.text()).isEqualTo(said.substring(8));
        assertThat(namespace.sandbox(sandbox).at("/status/message").asText()).contains("will be stopped at");

        assertThat(terminal.closeCode()).isEqualTo(4001);
        assertThat(pipe.closeCode()).isEqualTo(4001);
        assertThat(pipe.text(1) + pipe.text(2)).isEmpty();
        namespace.awaitPhase(sandbox, "Stopped");
        assertThat(namespace.sandbox(sandbox).at("/status/stopped/reason").asText())
                .isEqualTo("MaxRuntimeReached");
    }

    @Test
    void shutdownTimeDeletesTheObjectThatSaysSo(TestNamespace namespace) {
        var at = Instant.now().plusSeconds(8);
        var sandbox = namespace.apply("test-busybox", "shutdownTime: \"" + at + "\"", "shutdownPolicy: Delete");
        namespace.awaitPhase(sandbox, "Running");
        awaitGone(namespace, sandbox);
        assertThat(Instant.now()).isAfter(at);
    }

    private static void awaitGone(TestNamespace namespace, String sandbox) {
        namespace
                .kubectl()
                .run("wait", "--for=delete", "sandbox/" + sandbox, "--timeout=60s")
                .orThrow();
    }

    private static void awaitEvents(TestNamespace namespace, String sandbox, String... reasons) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(namespace
                                .kubectl()
                                .run(
                                        "get",
                                        "events",
                                        "--field-selector=involvedObject.name=" + sandbox,
                                        "-o",
                                        "jsonpath={.items[*].reason}")
                                .stdout()
                                .split(" "))
                        .contains(reasons));
    }
}
