package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many sandboxes created, used, stopped, resumed and deleted, several at a time and in random order, leave nothing behind. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ChurnE2E {
    private static final int SANDBOXES = Size.of(8, 200);
    private static final int AT_A_TIME = 4;
    private static final long SEED = 20261124;

    @Test
    void leavesNothingBehind(TestNamespace namespace, Cluster cluster) throws InterruptedException, ExecutionException {
        try (var workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            var lives = new ArrayList<Future<?>>();
            for (var i = 0; i < SANDBOXES; i++) {
                var random = new Random(SEED + i);
                lives.add(workers.submit(() -> live(namespace, random)));
            }
            for (var life : lives) life.get();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    for (var kind : List.of("sandboxes", "pods", "pvc", "secrets", "networkpolicies")) {
                        assertThat(namespace
                                        .kubectl()
                                        .run("get", kind, "-o", "name")
                                        .stdout())
                                .as(kind)
                                .isEmpty();
                    }
                    assertThat(namespace
                                    .kubectl()
                                    .run("get", "serviceaccounts", "-o", "name")
                                    .stdout()
                                    .strip())
                            .isEqualTo("serviceaccount/default");
                    assertThat(cluster.kubectl()
                                    .run("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.namespace}")
                                    .stdout())
                            .doesNotContain(namespace.name());
                });
    }

    /** One sandbox's life: some steps of use and power in random order, then its end, which may come at any moment. */
    private static void live(TestNamespace namespace, Random random) {
        var sandbox = namespace.apply("test-busybox", "storage: {size: 64Mi, ephemeral: " + random.nextBoolean() + "}");
        var steps = random.nextInt(5);
        if (steps > 0) namespace.awaitReady(sandbox);
        for (var step = 0; step < steps; step++) {
            switch (random.nextInt(3)) {
                case 0 ->
                    assertThat(Exec.json(namespace, sandbox, Map.of("script", "echo " + step))
                                    .get("stdout")
                                    .asText())
                            .isEqualTo(step + "\n");
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
        namespace.kubectl().run("delete", "sandbox", sandbox, "--wait=false").orThrow();
    }
}
