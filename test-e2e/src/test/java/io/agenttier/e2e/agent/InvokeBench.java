package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.client.Timings;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import io.agenttier.e2e.cluster.TrivialBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an invocation of {@code true} costs, taking turns with the part of a call that is kube-apiserver's alone. Writes
 * {@code build/bench/invoke.md}; judges only that no invocation fails.
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class InvokeBench {
    private static final int ROUNDS = 1000;
    private static final int CAP = 16;
    private static final Duration LOAD = Duration.ofSeconds(20);

    @Test
    void invokeOfTrue(TestNamespace namespace) throws Exception {
        var agents = Agents.ready(namespace, "harness:", "  agent:", "    maxConcurrentInvokes: " + CAP);
        agents.configure(Map.of("entrypoint", List.of("true")));
        try (var backend = TrivialBackend.start(namespace)) {
            measure(agents, backend);
        }
    }

    private static void measure(Agents agents, TrivialBackend backend) throws Exception {
        var rate = Timings.rate(CAP, LOAD, () -> invoke(agents, new Timings()));
        var start = new Timings();
        var whole = new Timings();
        var hop = new Timings();
        for (var i = 0; i < ROUNDS; i++) {
            whole.add(() -> invoke(agents, start));
            hop.add(() -> {
                backend.call();
                return backend;
            });
        }
        var table = """
                | invoke of `true`, warm client, events | p50 | p99 |
                |---|---|---|
                | call to `start` | %s ms | %s ms |
                | call to the end of the answer | %s ms | %s ms |
                | of it: kube-apiserver's hop to an API service that answers 204 | %s ms | %s ms |

                In one sandbox, %d at a time, for %d s: %.0f invocations a second, none refused.
                """.formatted(
                        start.at(0.50),
                        start.at(0.99),
                        whole.at(0.50),
                        whole.at(0.99),
                        hop.at(0.50),
                        hop.at(0.99),
                        CAP,
                        LOAD.toSeconds(),
                        rate);
        System.out.println(table);
        Files.createDirectories(Path.of("build/bench"));
        Files.writeString(Path.of("build/bench/invoke.md"), table);
    }

    /** @param start takes the time until the event {@code start} has come */
    private static List<SseStream.Event> invoke(Agents agents, Timings start) throws IOException {
        var begun = System.nanoTime();
        try (var stream = agents.invoking("invoke", "")) {
            stream.await("start");
            start.addNanos(System.nanoTime() - begun);
            var rest = stream.rest();
            assertThat(rest.getLast().data().path("exitCode").asInt(-9)).isZero();
            return rest;
        }
    }
}
