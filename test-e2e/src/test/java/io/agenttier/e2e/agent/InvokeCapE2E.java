package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.ApiserverReplicas;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The cap on invocations is counted in the pod, so no number of replicas exceeds it ({@code spec} behaviour §9.2). */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class InvokeCapE2E {
    private static final int REPLICAS = 3;
    private static final int CAP = 4;
    private static final int RACING = 200;
    private static final String PROGRAM = """
            case "$1" in
              race) d=/workspace/running; mkdir -p $d; touch $d/$$; ls $d | wc -l; sleep 0.3; rm $d/$$ ;;
              gate) until [ -e /workspace/open ]; do sleep 0.1; done ;;
            esac
            """;

    private ApiserverReplicas replicas;
    private int before;

    @BeforeEach
    void scale(TestNamespace namespace) {
        replicas = new ApiserverReplicas(namespace);
        before = replicas.scale(REPLICAS);
    }

    @AfterEach
    void scaleBack() {
        replicas.scale(before);
    }

    @Test
    void theCapHoldsOverAllReplicas(TestNamespace namespace) throws Exception {
        var agents = Agents.ready(namespace, "harness:", "  agent:", "    maxConcurrentInvokes: " + CAP);
        agents.configure(Agents.program(PROGRAM));
        var calls = new ArrayList<Callable<KubeApi.Reply>>();
        for (var i = 0; i < RACING; i++) calls.add(() -> run(agents, "race"));
        var most = 0;
        var ran = 0;
        try (var lanes = Executors.newFixedThreadPool(32)) {
            for (var reply : lanes.invokeAll(calls)) {
                if (reply.get().code() == 200) {
                    ran++;
                    most = Math.max(
                            most,
                            Integer.parseInt(
                                    reply.get().json().path("stdout").asText().strip()));
                } else {
                    full(reply.get());
                }
            }
        }
        assertThat(most).as("invocations that ran at the same time").isBetween(1, CAP);
        assertThat(ran).isGreaterThanOrEqualTo(CAP);
        assertThat(replicas.thatServed(agents.sandbox(), "invoke"))
                .as("replicas that took part")
                .hasSize(REPLICAS);
        noSlotIsLost(namespace, agents);
    }

    /** As many as the cap allows run at the same time again, and not one more. */
    private static void noSlotIsLost(TestNamespace namespace, Agents agents) throws IOException {
        var running = new ArrayList<SseStream>();
        try {
            for (var i = 0; i < CAP; i++) {
                var body = KubeApi.bytes(Map.of("args", List.of("gate")));
                var stream = new SseStream(namespace
                        .api()
                        .with("Accept", Agents.EVENTS)
                        .open("POST", agents.path("invoke"), body, Agents.ENVELOPE));
                running.add(stream);
                stream.await("start");
            }
            full(run(agents, "race"));
            namespace
                    .api()
                    .call("PUT", agents.path("files?path=/workspace/open"), new byte[0], "application/octet-stream");
            for (var stream : running) {
                assertThat(stream.await("exit").data().path("exitCode").asInt(-9))
                        .isZero();
            }
        } finally {
            running.forEach(SseStream::close);
        }
    }

    private static KubeApi.Reply run(Agents agents, String what) {
        return agents.namespace()
                .api()
                .call("POST", agents.path("invoke"), KubeApi.bytes(Map.of("args", List.of(what))), Agents.ENVELOPE);
    }

    private static void full(KubeApi.Reply reply) {
        assertThat(reply.code()).as(reply.toString()).isEqualTo(429);
        assertThat(reply.headers().get("Retry-After")).isEqualTo("5");
        var causes = reply.json().at("/details/causes");
        assertThat(causes.get(0).toString())
                .isEqualTo("{\"reason\":\"concurrency_exceeded\",\"field\":\"limit\",\"message\":\"4\"}");
        assertThat(causes.get(1).path("field").asText()).isEqualTo("inflight");
        assertThat(causes.get(1).path("message").asInt()).isEqualTo(4);
    }
}
