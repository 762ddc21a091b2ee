package io.agenttier.e2e.drain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.agent.Counting;
import io.agenttier.e2e.agent.LongReader;
import io.agenttier.e2e.client.ApiserverReplicas;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** All replicas of the apiserver are replaced under attaches, invocations and uploads. Writes {@code build/bench/drain.md}. */
@Tag("disruptive")
@Timeout(900)
@ExtendWith(ClusterExtension.class)
class DrainE2E {
    private static final int SANDBOXES = Size.of(2, 5);
    private static final int ATTACHES = Size.of(12, 100);
    private static final int INVOKES = Size.of(6, 50);
    private static final int UPLOADS = Size.of(5, 20);
    /** Counts longer than all replicas take to start and the old ones to begin their end. */
    private static final Counting WORK = new Counting(Size.of(45, 120), Size.of(32, 64));
    /** By then whoever takes part has come. */
    private static final int FIRST_ROUNDS = 3;

    @AfterEach
    void allIsBack(TestNamespace namespace) {
        namespace.cluster().awaitApiserver();
    }

    @Test
    void oursGoOnUnseenAndOthersAreToldToComeBack(TestNamespace namespace) throws Exception {
        var stages = Stage.open(namespace, WORK, SANDBOXES, INVOKES / SANDBOXES);
        var first = new LongReader(stages.getFirst().agent(), "invoke-0", WORK);
        var pulse = new Pulse(first, WORK.rounds());
        try (var ours = new Load();
                var foreign = new Load()) {
            try {
                var cast = new Cast(stages, namespace.api().holding(2 * ATTACHES), ours, foreign);
                stages.forEach(Stage::start);
                cast.invoke(INVOKES, first);
                cast.attach(ATTACHES);
                cast.upload(UPLOADS, pulse);
                Pulse.until(() -> {
                    ours.expectToRun();
                    foreign.expectToRun();
                    return first.hasSeen((double) FIRST_ROUNDS / WORK.rounds()) && cast.hasBegun();
                });
                var figures = replaceAll(new ApiserverReplicas(namespace), stages, cast, ours);
                var toldToComeBack = foreign.rows();
                ours.expectToRun();
                pulse.letEnd();
                stages.forEach(Stage::letEnd);
                var wentOn = ours.rows();
                cast.verify();
                report(figures, wentOn, toldToComeBack);
            } finally {
                pulse.letEnd();
                stages.forEach(Stage::letEnd);
            }
        }
    }

    /** @return a sentence about it */
    private static String replaceAll(ApiserverReplicas replicas, List<Stage> stages, Cast cast, Load ours) {
        var old = replicas.uids();
        var began = Instant.now();
        replicas.roll();
        var rolled = Instant.now();
        ours.expectToRun();
        cast.expectGoingAway();
        replicas.awaitEnd(old);
        var ended = Instant.now();
        assertThat(replicas.uids()).hasSameSizeAs(old).doesNotContainAnyElementsOf(old);
        for (var stage : stages) {
            assertThat(replicas.thatServed(stage.agent().sandbox(), "attach"))
                    .as(
                            "new replicas to which clients of sandbox %s came",
                            stage.agent().sandbox())
                    .isNotEmpty();
        }
        return "%d replicas replaced: all new ones Ready after %.1f s, all old ones gone after %.1f s"
                .formatted(old.size(), seconds(began, rolled), seconds(began, ended));
    }

    private static void report(String figures, String ours, String foreign) throws IOException {
        var report = """
                %s; %d sandboxes, %d rounds, %d MiB in each upload; 0 bytes lost or doubled, 0 false exits

                | went on unseen | clients | connections cut |
                |---|---:|---:|
                %s
                | told to come back | clients | connections cut |
                |---|---:|---:|
                %s""".formatted(
                        figures, SANDBOXES, WORK.rounds(), ((long) WORK.rounds() * Feed.BLOCK) >> 20, ours, foreign);
        System.out.println(report);
        Files.writeString(Files.createDirectories(Path.of("build/bench")).resolve("drain.md"), report);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
