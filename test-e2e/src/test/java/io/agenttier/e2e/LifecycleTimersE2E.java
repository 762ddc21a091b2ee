package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
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
