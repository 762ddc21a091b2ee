package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that ends sandboxd, or takes all processes there are, costs its own pod only, and a condition names it ({@code spec} behaviour §5). */
@Tag("disruptive")
@Timeout(180)
@ExtendWith(ClusterExtension.class)
class HostileCodeE2E {
    /** Doubles itself to 8,191 processes, which is more than a pod of the local cluster may have, and goes by itself. */
    private static final String BOMB =
            "b() { if [ $1 -gt 0 ]; then b $(($1 - 1)) & b $(($1 - 1)) & fi; exec sleep 30; }; b 12";

    /** Of so many the scheduler puts one on the same node. */
    private static final int PLACED = 8;

    private static final Pattern ENDED = Pattern.compile("NoFinalRecord|OOMKilled");

    private String hostile = "";
    private String neighbour = "";
    private String neighbourPod = "";

    @BeforeEach
    void twoOnOneNode(TestNamespace namespace) {
        hostile = namespace.ready();
        var node = pod(namespace, hostile, "{.spec.nodeName}");
        neighbour = Stream.generate(namespace::ready)
                .limit(PLACED)
                .filter(sandbox -> pod(namespace, sandbox, "{.spec.nodeName}").equals(node))
                .findFirst()
                .orElseThrow();
        neighbourPod = pod(namespace, neighbour, "{.metadata.uid}");
    }

    @AfterEach
    void theNeighbourHasNotNoticed(TestNamespace namespace) {
        assertAnswers(namespace, neighbour);
        assertThat(pod(namespace, neighbour, "{.metadata.uid}")).isEqualTo(neighbourPod);
        assertThat(namespace.sandbox(neighbour).at("/status/restartCount").asInt())
                .isZero();
    }

    @Test
    void aForkBombIsSaid(TestNamespace namespace) {
        var bomb = run(namespace, BOMB);
        Awaitility.await("a bomb that meets the limit, or a condition")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> meetsTheLimit(namespace, bomb) || namesTheEnd(namespace));
        assertAnswers(namespace, neighbour);
        comesBack(namespace);
    }

    @ParameterizedTest
    @CsvSource({
        "TERM, Terminated, sandboxd was told to end",
        "QUIT, NoFinalRecord, left no final record",
        "SEGV, NoFinalRecord, left no final record"
    })
    void codeThatEndsSandboxdIsAFailureWithAName(String signal, String cause, String said, TestNamespace namespace) {
        run(namespace, "kill -" + signal + " 1");
        Awaitility.await("\"" + cause + "\" in condition PodReady")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> podReady(namespace).contains(cause));
        namespace.awaitEvent(hostile, "Restarting", said);
        comesBack(namespace);
        assertThat(namespace.sandbox(hostile).at("/status/restartCount").asInt())
                .isEqualTo(1);
    }

    private void comesBack(TestNamespace namespace) {
        Awaitility.await("an exec in the sandbox that was hit")
                .atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    namespace.awaitReady(hostile);
                    assertAnswers(namespace, hostile);
                });
    }

    /** Starts it and does not wait: the answer may be lost with the sandbox. */
    private String run(TestNamespace namespace, String script) {
        return namespace
                .api()
                .post(namespace.path(hostile, "exec"), Map.of("script", script, "detach", true))
                .json()
                .path("process")
                .asText();
    }

    /** Its shells say so, and one that cannot fork ends: new processes may start soon after. */
    private boolean meetsTheLimit(TestNamespace namespace, String bomb) {
        return namespace
                .api()
                .get(namespace.path(hostile, "log?process=" + bomb))
                .text()
                .contains("can't fork");
    }

    private boolean namesTheEnd(TestNamespace namespace) {
        return ENDED.matcher(podReady(namespace)).find();
    }

    /** Reason and message of the condition; empty when there is none. */
    private String podReady(TestNamespace namespace) {
        for (JsonNode condition : namespace.sandbox(hostile).at("/status/conditions")) {
            if (condition.get("type").asText().equals("PodReady")) {
                return condition.path("reason").asText() + ": "
                        + condition.path("message").asText();
            }
        }
        return "";
    }

    private static void assertAnswers(TestNamespace namespace, String sandbox) {
        var answer = Exec.json(namespace, sandbox, "echo", "here");
        assertThat(answer.get("stdout").asText()).as("%s", answer).isEqualTo("here\n");
    }

    private static String pod(TestNamespace namespace, String sandbox, String path) {
        return namespace
                .kubectl()
                .run("get", "pod", sandbox + "-pod", "-o", "jsonpath=" + path)
                .orThrow()
                .stdout();
    }
}
