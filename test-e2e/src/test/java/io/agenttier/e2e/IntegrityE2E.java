package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Follower;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Commands with output of random sizes while clients cut their connections and replicas of the apiserver die: no byte is lost or doubled,
 * no exit record is false.
 */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class IntegrityE2E {
    private static final int COMMANDS = Size.of(200, 10_000);
    private static final int AT_A_TIME = 4;
    private static final int LARGEST = 64 << 20;
    private static final long SEED = 4;

    @AfterEach
    void bothReplicasAreBack(TestNamespace namespace) {
        namespace.cluster().awaitApiserver();
    }

    @Test
    void losesAndDoublesNothing(TestNamespace namespace) throws Exception {
        var sandbox = namespace.ready("storage: {size: 1Gi}");
        var blob = new byte[LARGEST];
        new Random(SEED).nextBytes(blob);
        assertThat(namespace
                        .api()
                        .call("PUT", namespace.path(sandbox, "files?path=blob"), blob, "application/octet-stream")
                        .code())
                .isEqualTo(201);
        var over = new AtomicBoolean();
        var cuts = new AtomicInteger();
        try (var workers =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var killer = workers.submit(() -> killReplicas(namespace, over));
            var lanes = new ArrayList<Future<?>>();
            for (var lane = 0; lane < AT_A_TIME; lane++) {
                var first = lane;
                lanes.add(workers.submit(() -> {
                    for (var i = first; i < COMMANDS; i += AT_A_TIME)
                        cuts.addAndGet(command(namespace, sandbox, blob, i));
                }));
            }
            try {
                for (var lane : lanes) lane.get();
            } finally {
                over.set(true);
            }
            System.out.printf(
                    "%d commands, %d replicas killed, %d streams cut%n", COMMANDS, (int) killer.get(), cuts.get());
            assertThat(cuts.get()).isPositive();
        }
    }

    /** One command with random sizes and exit code; returns how often its stream was cut. */
    private static int command(TestNamespace namespace, String sandbox, byte[] blob, int number) {
        var random = new Random(SEED * 1_000_003 + number);
        var out = size(random);
        var err = random.nextInt(4) == 0 ? size(random) : 0;
        var code = random.nextInt(256);
        var script = "head -c " + out + " blob; head -c " + err + " blob >&2; exit " + code;
        var name = "c" + number;
        var follower = new Follower(namespace, sandbox, name, random, random.nextInt(3) == 0 ? 0.02 : 0);
        var result = follower.run(Map.of("script", script, "process", name));
        assertThat(result.stdout())
                .as("stdout of " + name + ", " + out + " bytes")
                .isEqualTo(hash(blob, out));
        assertThat(result.stderr())
                .as("stderr of " + name + ", " + err + " bytes")
                .isEqualTo(hash(blob, err));
        assertThat(result.exitCode()).as("exit code of " + name).isEqualTo(code);
        assertThat(result.reason()).isEqualTo("completed");
        return result.cuts();
    }

    /** From 1 byte to {@link #LARGEST}, each order of magnitude as likely as any other. */
    private static int size(Random random) {
        return (int) Math.exp(random.nextDouble() * Math.log(LARGEST));
    }

    private static String hash(byte[] blob, int length) {
        var digest = Follower.sha256();
        digest.update(blob, 0, length);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Kills one replica after the other, each once the one before has been replaced; returns how many. */
    private static int killReplicas(TestNamespace namespace, AtomicBoolean over) {
        var system = namespace.cluster().kubectl().in("agenttier");
        var random = new Random(SEED);
        var killed = 0;
        while (!over.get()) {
            var pods = List.of(system.run("get", "pods", "-l", "app.kubernetes.io/component=apiserver", "-o", "name")
                    .stdout()
                    .strip()
                    .split("\n", -1));
            system.run("delete", pods.get(random.nextInt(pods.size())), "--grace-period=0", "--force");
            killed++;
            system.run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=120s");
        }
        return killed;
    }
}
