package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.client.PodExec;
import io.agenttier.e2e.client.Timings;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import io.agenttier.e2e.cluster.TrivialBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an exec of {@code true} costs through our path, beside {@code pods/exec} of Kubernetes in the same run and taking turns, so that a
 * busy machine slows both; beside both the part of a call that is kube-apiserver's alone. Writes {@code build/bench/exec.md}; judges ratios only.
 */
@Tag("bench")
@ExtendWith(ClusterExtension.class)
class ExecBench {
    private static final int ROUNDS = 1000;
    private static final int REFERENCE_ROUNDS = 150;
    private static final int CLIENTS = 32;
    private static final Duration LOAD = Duration.ofSeconds(10);
    private static final int PROCESSES = 20;
    private static final Map<String, ?> TRUE = Map.of("command", List.of("true"));

    @Test
    void execBesidePodsExec(TestNamespace namespace) throws Exception {
        try (var backend = TrivialBackend.start(namespace)) {
            measure(namespace, backend);
        }
    }

    private static void measure(TestNamespace namespace, TrivialBackend backend) throws Exception {
        var sandbox = namespace.ready();
        var pod = PlainPod.sleeping(namespace, "bare").name();
        Callable<?> ours = () -> {
            var reply = namespace.api().post(namespace.path(sandbox, "exec"), TRUE);
            if (reply.code() != 200 || reply.json().get("exitCode").asInt() != 0)
                throw new AssertionError(reply.toString());
            return reply;
        };
        var podExec = new PodExec(namespace.cluster().kubeconfig(), namespace.name(), pod);
        Callable<?> reference = () -> podExec.run("true");

        Callable<?> hop = () -> {
            backend.call();
            return backend;
        };

        Timings.rate(CLIENTS, LOAD, ours); // both sides of the path are compiled only under load
        for (var i = 0; i < 10; i++) reference.call();
        var oursTimes = new Timings();
        var referenceTimes = new Timings();
        var hopTimes = new Timings();
        for (var i = 0; i < ROUNDS; i++) hop.call();
        for (var i = 0; i < ROUNDS; i++) {
            oursTimes.add(ours);
            hopTimes.add(hop);
            if (i % (ROUNDS / REFERENCE_ROUNDS) == 0) referenceTimes.add(reference);
        }
        var oursRate = Timings.rate(CLIENTS, LOAD, ours);
        var hopRate = Timings.rate(CLIENTS, LOAD, hop);
        var referenceRate = Timings.rate(CLIENTS, LOAD, reference);
        var plugin = new Timings();
        var kubectl = new Timings();
        var cli = namespace.kubectl();
        for (var i = 0; i < PROCESSES; i++) {
            plugin.add(() -> succeed(cli.sandbox("exec", sandbox, "--", "true")));
            kubectl.add(() -> succeed(cli.run("exec", pod, "--", "true")));
        }

        var table = """
                | exec of `true` | p50 | p99 | at %d clients |
                |---|---|---|---|
                | POST `sandboxes/exec`, warm client | %s ms | %s ms | %.0f/s |
                | of it: kube-apiserver's hop to an API service that answers 204 | %s ms | %s ms | %.0f/s |
                | `pods/exec`, warm client | %s ms | %s ms | %.0f/s |
                | `kubectl sandbox exec`, whole process | %s ms | %s ms | |
                | `kubectl exec`, whole process | %s ms | %s ms | |
                """.formatted(
                        CLIENTS,
                        oursTimes.at(0.50),
                        oursTimes.at(0.99),
                        oursRate,
                        hopTimes.at(0.50),
                        hopTimes.at(0.99),
                        hopRate,
                        referenceTimes.at(0.50),
                        referenceTimes.at(0.99),
                        referenceRate,
                        plugin.at(0.50),
                        plugin.at(0.99),
                        kubectl.at(0.50),
                        kubectl.at(0.99));
        System.out.println(table);
        Files.createDirectories(Path.of("build/bench"));
        Files.writeString(Path.of("build/bench/exec.md"), table);
        assertThat(oursTimes.quantile(0.50)).as("p50 beside pods/exec").isLessThan(referenceTimes.quantile(0.50));
    }

    private static Kubectl.Outcome succeed(Kubectl.Outcome outcome) {
        return outcome.orThrow();
    }
}
