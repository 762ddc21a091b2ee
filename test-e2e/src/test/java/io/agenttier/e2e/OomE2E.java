package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process that wants more memory than its sandbox may have is killed alone, and its record alone says so. Needs nodes with cgroup v1: v2 kills
 * the whole container.
 */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OomE2E {
    /** tail keeps the last lines, and this one does not end. */
    private static final String GREEDY = "exec tail /dev/zero";

    private static final int WRITTEN = 3_000_000;

    private String sandbox = "";
    private String witness = "";
    private String pod = "";

    @BeforeAll
    void startAWitness(TestNamespace namespace) {
        sandbox = namespace.ready();
        var isV1 = Exec.json(namespace, sandbox, "test", "-e", "/sys/fs/cgroup/memory");
        assumeTrue(isV1.get("exitCode").asInt() == 0, "the nodes have cgroup v2");
        var started = namespace
                .api()
                .post(namespace.path(sandbox, "exec"), Map.of("command", List.of("sleep", "1000"), "detach", true));
        witness = started.json().get("process").asText();
        pod = uidAndRestarts(namespace);
    }

    private String uidAndRestarts(TestNamespace namespace) {
        return namespace
                .kubectl()
                .run(
                        "get",
                        "pods",
                        "-o",
                        "jsonpath={.items[*].metadata.uid} {.items[*].status.containerStatuses[*].restartCount}")
                .orThrow()
                .stdout();
    }

    @AfterEach
    void theOthersLive(TestNamespace namespace) {
        assertThat(process(namespace, witness).get("running").asBoolean()).isTrue();
        assertThat(uidAndRestarts(namespace)).isEqualTo(pod).endsWith(" 0");
    }

    @Test
    void theRecordSaysSo(TestNamespace namespace) {
        var answer = Exec.json(namespace, sandbox, "sh", "-c", GREEDY);
        assertOom(answer);
        assertThat(answer.get("timedOut").asBoolean()).isFalse();
        assertOom(process(namespace, answer.get("process").asText()).get("exit"));
    }

    @Test
    void whatWasWrittenBeforeComesWhole(TestNamespace namespace) throws Exception {
        var script = "head -c " + WRITTEN + " /dev/zero | tr '\\0' a; " + GREEDY;
        try (var stream = Exec.sse(namespace.api(), namespace, sandbox, Map.of("script", script))) {
            var events = stream.rest();
            assertThat(SseStream.output(events, "stdout")).hasSize(WRITTEN).containsOnly('a');
            assertThat(SseStream.output(events, "stderr")).isEmpty();
            assertThat(events.getLast().name()).isEqualTo("exit");
            assertOom(events.getLast().data());
        }
    }

    @Test
    void thePluginEndsWithItsCodeAndSaysWhy(TestNamespace namespace) {
        var outcome = namespace.kubectl().sandbox("exec", sandbox, "--", "sh", "-c", "echo begun; " + GREEDY);
        assertThat(outcome.stdout()).isEqualTo("begun\n");
        assertThat(outcome.stderr()).isEqualTo("oom: killed because memory ran out\n");
        assertThat(outcome.code()).isEqualTo(137);
    }

    @Test
    void aWebSocketEndsWithItsCode(TestNamespace namespace) throws Exception {
        var socket = new RawSocket();
        namespace
                .api()
                .socket(
                        namespace.path(sandbox, "exec?command=tail&command=/dev/zero&stdout=true"),
                        "v5.channel.k8s.io",
                        socket);
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(socket.text(3)).contains("\"NonZeroExitCode\"", "\"message\":\"137\"");
    }

    @Test
    void aKilledChildExplainsNothingThatStartsLater(TestNamespace namespace) {
        var parent = Exec.json(namespace, sandbox, "sh", "-c", "tail /dev/zero; exit $?");
        assertThat(parent.get("reason").asText()).isEqualTo("completed");
        assertThat(parent.get("exitCode").asInt()).isEqualTo(137);
        var killed = Exec.json(namespace, sandbox, "sh", "-c", "kill -KILL $$");
        assertThat(killed.get("reason").asText()).isEqualTo("signaled");
        assertThat(killed.get("signal").asText()).isEqualTo("KILL");
    }

    private static void assertOom(JsonNode exit) {
        assertThat(exit.get("exitCode").asInt()).isEqualTo(137);
        assertThat(exit.get("reason").asText()).isEqualTo("oom");
        assertThat(exit.get("signal").asText()).isEqualTo("KILL");
        assertThat(exit.get("message").asText()).isEqualTo("killed because memory ran out");
        assertThat(exit.get("durationMs").asLong()).isPositive();
    }

    private JsonNode process(TestNamespace namespace, String id) {
        for (var item :
                namespace.api().get(namespace.path(sandbox, "processes")).json().get("items")) {
            if (item.get("id").asText().equals(id)) return item;
        }
        throw new AssertionError("process " + id + " is not listed");
    }
}
