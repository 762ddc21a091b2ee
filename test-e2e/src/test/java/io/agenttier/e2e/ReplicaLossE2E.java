package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agenttier.e2e.client.ApiserverReplicas;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Processes live in the pod: the replica that serves them may die. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class ReplicaLossE2E {
    @AfterEach
    void bothReplicasAreBack(TestNamespace namespace) {
        namespace.cluster().awaitApiserver();
    }

    @Test
    void anotherReplicaHasOutputAndExitCodeOfAnExecWhoseReplicaDied(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        var body = Map.of("script", "echo begun; sleep 30; echo done; exit 7", "process", "survivor");
        try (var stream = Exec.sse(namespace.api(), namespace, sandbox, body)) {
            var begun = stream.await("log");
            assertThat(new String(begun.bytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("begun\n");
            new ApiserverReplicas(namespace).killServing(sandbox, "exec");
            assertThat(catchThrowable(stream::rest))
                    .as("the stream of a dead replica is cut, never ended as if whole")
                    .isNotNull();
        }
        var path = namespace.path(sandbox, "log?process=survivor&offset=0&follow=true");
        // kube-apiserver may still try the dead replica's address: a person would ask again, as do plugin and SDK
        var response = Awaitility.await()
                .atMost(Duration.ofSeconds(9))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> namespace
                                .api()
                                .with("Accept", "text/event-stream")
                                .open("GET", path, null, null),
                        answer -> {
                            if (answer.code() != 200) answer.close();
                            return answer.code() == 200;
                        });
        try (var log = new SseStream(response)) {
            var events = log.rest();
            assertThat(new String(SseStream.output(events, "stdout"), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("begun\ndone\n");
            var exit = events.getLast();
            assertThat(exit.name()).isEqualTo("exit");
            assertThat(exit.data().get("exitCode").asInt()).isEqualTo(7);
            assertThat(exit.data().get("reason").asText()).isEqualTo("completed");
        }
    }

    @Test
    void aClientThatLeavesCancelsItsExecAfterTheGrace(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready();
        try (var stream =
                Exec.sse(namespace.api(), namespace, sandbox, Map.of("script", "sleep 300", "process", "left"))) {
            stream.await("start");
        }
        var path = namespace.path(sandbox, "log?process=left&follow=true");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(namespace
                                .api()
                                .get(namespace.path(sandbox, "processes"))
                                .json()
                                .at("/items/0/exit/reason")
                                .asText())
                        .isEqualTo("canceled"));
        assertThat(namespace.api().with("Accept", "text/event-stream").get(path).text())
                .contains("\"exitCode\":-1");
    }
}
