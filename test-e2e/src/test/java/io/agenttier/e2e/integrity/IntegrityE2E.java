package io.agenttier.e2e.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands with random bytes in and out, run by every kind of client, while connections break, clients are killed and replicas of the apiserver
 * die: no byte is lost or doubled, no exit record is false. Leaves {@code build/bench/integrity.md}.
 */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class IntegrityE2E {
    private static final int COMMANDS = Integer.getInteger("agenttier.integrity.commands", Size.of(200, 10_000));
    private static final long SEED = Long.getLong("agenttier.integrity.seed", 4);
    /** Number of the first command: to run a part again. */
    private static final int FIRST = Integer.getInteger("agenttier.integrity.first", 0);

    private static final int AT_A_TIME = 4;
    private static final int FAILURES_SHOWN = 20;
    private static final int REPORTED_EACH = 50;

    @Test
    void losesAndDoublesNothing(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var ground = Ground.prepare(namespace, SEED);
        var blob = ground.blobs().writeOut(folder);
        var tally = new Tally();
        var begin = System.nanoTime();
        var killer = new ReplicaKiller(namespace.cluster().kubectl().in("agenttier"), new Random(SEED));
        try (killer;
                var later = Executors.newSingleThreadExecutor();
                var lanes = Executors.newFixedThreadPool(AT_A_TIME)) {
            var trial = new Trial(ground, tally, later);
            var next = new AtomicInteger(FIRST);
            var running = new ArrayList<Future<?>>();
            for (var i = 0; i < AT_A_TIME; i++) {
                var seed = SEED + i;
                running.add(lanes.submit(() -> {
                    try (var lane = new Lane(ground, folder, blob, seed)) {
                        for (var number = next.getAndIncrement(); number < COMMANDS; number = next.getAndIncrement()) {
                            trial.run(lane, Work.draw(SEED, number));
                            if (number % REPORTED_EACH == 0) report(tally, begin, killer);
                        }
                        return lane;
                    }
                }));
            }
            for (var lane : running) lane.get();
        }
        System.out.println(report(tally, begin, killer));
        assertThat(tally.failures().stream().limit(FAILURES_SHOWN).toList())
                .as(
                        "-Dagenttier.integrity.seed=%d -Dagenttier.integrity.commands=%d runs the same commands",
                        SEED, COMMANDS)
                .isEmpty();
    }

    /** Also while it runs, so that a run that is broken off leaves its figures. */
    private static synchronized String report(Tally tally, long begin, ReplicaKiller killer) throws IOException {
        var seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
        var report = "of %d commands, seed %d, %d at a time, %d s; replicas killed %d, rolled %d%n%n%s"
                .formatted(COMMANDS, SEED, AT_A_TIME, seconds, killer.killed(), killer.rolled(), tally.table());
        Files.writeString(Files.createDirectories(Path.of("build/bench")).resolve("integrity.md"), report);
        return report;
    }
}
