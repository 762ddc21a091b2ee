package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Kubectl;
import io.agenttier.e2e.client.PodExec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import io.agenttier.e2e.cluster.TrivialBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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

        rate(ours); // both sides of the path are compiled only under load
        for (var i = 0; i < 10; i++) reference.call();
        var oursTimes = new ArrayList<Double>();
        var referenceTimes = new ArrayList<Double>();
        var hopTimes = new ArrayList<Double>();
        for (var i = 0; i < ROUNDS; i++) hop.call();
        for (var i = 0; i < ROUNDS; i++) {
            oursTimes.add(millis(ours));
            hopTimes.add(millis(hop));
            if (i % (ROUNDS / REFERENCE_ROUNDS) == 0) referenceTimes.add(millis(reference));
        }
        var oursRate = rate(ours);
        var hopRate = rate(hop);
        var referenceRate = rate(reference);
        var plugin = new ArrayList<Double>();
        var kubectl = new ArrayList<Double>();
        var cli = namespace.kubectl();
        for (var i = 0; i < PROCESSES; i++) {
            plugin.add(millis(() -> succeed(cli.sandbox("exec", sandbox, "--", "true"))));
            kubectl.add(millis(() -> succeed(cli.run("exec", pod, "--", "true"))));
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
                        at(oursTimes, 0.50),
                        at(oursTimes, 0.99),
                        oursRate,
                        at(hopTimes, 0.50),
                        at(hopTimes, 0.99),
                        hopRate,
                        at(referenceTimes, 0.50),
                        at(referenceTimes, 0.99),
                        referenceRate,
                        at(plugin, 0.50),
                        at(plugin, 0.99),
                        at(kubectl, 0.50),
                        at(kubectl, 0.99));
        System.out.println(table);
        Files.createDirectories(Path.of("build/bench"));
        Files.writeString(Path.of("build/bench/exec.md"), table);
        assertThat(quantile(oursTimes, 0.50)).as("p50 beside pods/exec").isLessThan(quantile(referenceTimes, 0.50));
    }

    /** Calls a second while {@link #CLIENTS} clients call as fast as they are served. */
    private static double rate(Callable<?> call) throws Exception {
        var done = new AtomicInteger();
        var begun = System.nanoTime();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (var i = 0; i < CLIENTS; i++) {
                running.add(clients.submit(() -> {
                    while (System.nanoTime() - begun < LOAD.toNanos()) {
                        call.call();
                        done.incrementAndGet();
                    }
                    return null;
                }));
            }
            for (var client : running) client.get();
        }
        return done.get() / ((System.nanoTime() - begun) / 1e9);
    }

    private static double millis(Callable<?> call) throws Exception {
        var begun = System.nanoTime();
        call.call();
        return (System.nanoTime() - begun) / 1e6;
    }

    private static Kubectl.Outcome succeed(Kubectl.Outcome outcome) {
        return outcome.orThrow();
    }

    private static String at(List<Double> times, double quantile) {
        return String.format(Locale.ROOT, "%.1f", quantile(times, quantile));
    }

    private static double quantile(List<Double> times, double quantile) {
        var sorted = times.stream().sorted().toList();
        return sorted.get(Math.min(sorted.size() - 1, (int) (sorted.size() * quantile)));
    }
}
