package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Programs;
import io.agenttier.e2e.cluster.Programs.Memory;
import io.agenttier.e2e.cluster.Residue;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many sandboxes created, used, stopped, resumed and deleted, several at a time and in random order, leave nothing behind, and the programs
 * that serve them do not grow with their number. One more sandbox lives through all of it. Writes {@code build/bench/churn.md}.
 */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ChurnE2E {
    private static final int SANDBOXES = Size.of(8, 200);
    private static final int AT_A_TIME = 4;
    private static final long SEED = 20261124;

    /** What the second half may add to a heap after a collection, KiB: what caches of bounded size still fill. */
    private static final long HEAP_GROWTH = 8 << 10;

    /** As above, of all that is resident of one sandboxd. */
    private static final long DAEMON_GROWTH = 2 << 10;

    @Test
    void leavesNothingBehind(TestNamespace namespace, Cluster cluster)
            throws InterruptedException, ExecutionException, IOException {
        var witness = namespace.ready();
        var samples = new ArrayList<List<Memory>>();
        samples.add(sample(namespace, witness));
        var before = Residue.of(cluster);

        for (var half = 0; half < 2; half++) {
            churn(namespace, witness, half * SANDBOXES / 2, (half + 1) * SANDBOXES / 2);
            awaitNothingNew(namespace, witness, before);
            samples.add(sample(namespace, witness));
            write(samples);
        }

        for (var i = 0; i < samples.getFirst().size(); i++) {
            var halfway = samples.get(1).get(i);
            var end = samples.get(2).get(i);
            assertThat(end.pod()).isEqualTo(halfway.pod());
            if (end.heap() == 0) {
                // it gives memory back when nobody has asked it for 5 s, and a measurement asks it
                Awaitility.await()
                        .atMost(Duration.ofSeconds(40))
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofSeconds(7))
                        .untilAsserted(
                                () -> assertThat(daemon(namespace, witness).resident() - halfway.resident())
                                        .as("growth of %s, KiB", end.pod())
                                        .isLessThan(DAEMON_GROWTH));
            } else {
                assertThat(end.heap() - halfway.heap())
                        .as("growth of the heap of %s, KiB", end.pod())
                        .isLessThan(HEAP_GROWTH);
            }
        }
    }

    private static void churn(TestNamespace namespace, String witness, int from, int to)
            throws InterruptedException, ExecutionException {
        try (var workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            var lives = new ArrayList<Future<?>>();
            for (var i = from; i < to; i++) {
                var random = new Random(SEED + i);
                lives.add(workers.submit(() -> live(namespace, witness, random)));
            }
            for (var life : lives) life.get();
        }
    }

    /** One sandbox's life: some steps of use and power in random order, then its end, which may come at any moment. */
    private static void live(TestNamespace namespace, String witness, Random random) {
        var sandbox = namespace.apply("test-busybox", "storage: {size: 64Mi, ephemeral: " + random.nextBoolean() + "}");
        var steps = random.nextInt(5);
        if (steps > 0) namespace.awaitReady(sandbox);
        for (var step = 0; step < steps; step++) {
            switch (random.nextInt(3)) {
                case 0 -> echo(namespace, sandbox, "step " + step);
                case 1 ->
                    assertThat(namespace
                                    .api()
                                    .call(
                                            "PUT",
                                            namespace.path(sandbox, "files?path=f" + step),
                                            new byte[100_000],
                                            "application/octet-stream")
                                    .code())
                            .isEqualTo(201);
                default -> {
                    namespace.kubectl().sandbox("stop", sandbox).orThrow();
                    namespace.awaitPhase(sandbox, "Stopped");
                    namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
                }
            }
        }
        for (var i = 0; i < 10; i++) echo(namespace, witness, "while " + sandbox + " lives");
        namespace.kubectl().run("delete", "sandbox", sandbox, "--wait=false").orThrow();
    }

    private static void echo(TestNamespace namespace, String sandbox, String words) {
        assertThat(Exec.json(namespace, sandbox, "echo", words).get("stdout").asText())
                .isEqualTo(words + "\n");
    }

    private static void awaitNothingNew(TestNamespace namespace, String witness, Residue before) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (var kind :
                            List.of("sandboxes", "pods", "pvc", "secrets", "networkpolicies", "serviceaccounts")) {
                        assertThat(namespace
                                        .kubectl()
                                        .run(
                                                "get",
                                                kind,
                                                "-o",
                                                "jsonpath={.items[*].metadata.labels['agenttier\\.io/sandbox']} {.items[*].metadata.name}")
                                        .orThrow()
                                        .stdout()
                                        .split("[ \\n]+"))
                                .as(kind)
                                .allMatch(word -> ours(word, witness));
                    }
                    assertThat(Residue.of(namespace.cluster()).since(before)).isEmpty();
                });
    }

    private static boolean ours(String word, String witness) {
        return word.isEmpty()
                || word.startsWith(witness)
                || word.equals("default")
                || word.equals("agenttier-default-deny")
                || word.equals("kube-root-ca.crt");
    }

    /** Of our programs, and last of the witness's sandboxd, which has no heap to speak of. */
    private static List<Memory> sample(TestNamespace namespace, String witness) {
        var memory = new ArrayList<>(Programs.memory(namespace.cluster()));
        memory.add(daemon(namespace, witness));
        return memory;
    }

    private static Memory daemon(TestNamespace namespace, String witness) {
        var status = Exec.json(namespace, witness, "cat", "/proc/1/status")
                .get("stdout")
                .asText();
        return new Memory("sandboxd", Programs.resident(status), 0);
    }

    private static void write(List<List<Memory>> samples) throws IOException {
        var table = new StringBuilder("| MiB resident (heap after a collection) ");
        for (var half = 0; half < samples.size(); half++) {
            table.append("| after %d sandboxes ".formatted(half * SANDBOXES / 2));
        }
        table.append("|\n|---").append("|---".repeat(samples.size())).append("|\n");
        for (var i = 0; i < samples.getFirst().size(); i++) {
            table.append("| ").append(samples.getFirst().get(i).pod());
            for (var sample : samples) {
                var memory = sample.get(i);
                table.append(" | %.1f".formatted(memory.resident() / 1024.0));
                if (memory.heap() > 0) table.append(" (%.1f)".formatted(memory.heap() / 1024.0));
            }
            table.append(" |\n");
        }
        System.out.println(table);
        Files.createDirectories(Path.of("build/bench"));
        Files.writeString(Path.of("build/bench/churn.md"), table);
    }
}
