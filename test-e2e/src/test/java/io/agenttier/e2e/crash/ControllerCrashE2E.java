package io.agenttier.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.controller.effect.Effect;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The controller dies before and after everything it does. A first controller records what each scenario makes it do; then, for each of these effects,
 * a controller dies there, and the next one goes on with what it left behind, on its own way to death. In the end all is as if none had died.
 */
@Tag("disruptive")
@Timeout(1800)
@ExtendWith(ClusterExtension.class)
class ControllerCrashE2E {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private StandIn standIn;
    private String prefix;
    private Cluster cluster;
    private final List<String> namespaces = new ArrayList<>();

    @BeforeEach
    void takeOver(TestNamespace namespace) {
        cluster = namespace.cluster();
        assumeThat(cluster.nodeIsThisMachine())
                .as("pods whose network this machine can lend")
                .isTrue();
        prefix = namespace.name() + "-";
        standIn = new StandIn(cluster, folder);
        standIn.takeOver();
    }

    @AfterEach
    void giveBack() {
        if (standIn == null) return;
        namespaces.forEach(name -> cluster.api().delete("/api/v1/namespaces/" + name));
        standIn.close();
        new GhostNode(cluster.api()).remove();
    }

    @Test
    void aControllerThatDiesAnywhereLeavesWhatTheNextOneFinishes() throws Exception {
        try (var history = new PodHistory(cluster.api(), prefix)) {
            var visited = record();
            var runs = runs(visited);
            prepare(runs);
            runs.forEach(this::die);
            try (var last = standIn.start()) {
                for (var run : runs) {
                    Awaitility.await(run + " comes to its end")
                            .atMost(LIMIT)
                            .failFast(() -> assertThat(last.isAlive())
                                    .as(last.lastLines())
                                    .isTrue())
                            .until(() -> run.scenario().isOver(run.subject()));
                }
                for (var run : runs) assertEnd(run);
                assertHooks(runs);
                assertThat(history.wrong()).isEmpty();
                assertThat(history.pods()).as("pods that the history saw").isGreaterThanOrEqualTo(runs.size());
                assertNothingIsLeft(runs);
            }
            var never = EnumSet.allOf(Effect.class);
            visited.values().forEach(never::removeAll);
            assertThat(never).as("effects that no scenario has").isEmpty();
        }
    }

    /** What each scenario makes the controller do, in order. */
    private Map<Scenario, Set<Effect>> record() {
        var visited = new EnumMap<Scenario, Set<Effect>>(Scenario.class);
        var subjects = new EnumMap<Scenario, Subject>(Scenario.class);
        for (var scenario : Scenario.values()) subjects.put(scenario, subject("record-" + scenario.ordinal()));
        prepareAll(subjects);
        subjects.forEach(Scenario::begin);
        try (var recorder = standIn.start()) {
            subjects.forEach((scenario, subject) -> scenario.goOn(subject, recorder));
            subjects.forEach((scenario, subject) -> {
                Awaitility.await(scenario + " without a death")
                        .atMost(LIMIT)
                        .failFast(() -> assertThat(recorder.isAlive())
                                .as(recorder.lastLines())
                                .isTrue())
                        .until(() -> scenario.isOver(subject));
                var own = new java.util.LinkedHashSet<Effect>();
                recorder.visits().stream()
                        .filter(visit -> visit.target().contains(within(subject)))
                        .forEach(visit -> own.add(visit.effect()));
                visited.put(scenario, own);
                System.out.println(scenario + " " + own);
            });
        }
        return visited;
    }

    /** Small: each effect of a scenario once, before and after in turn. Full: both. */
    private List<Run> runs(Map<Scenario, Set<Effect>> visited) {
        var runs = new ArrayList<Run>();
        visited.forEach((scenario, effects) -> {
            for (var effect : effects) {
                if (!scenario.isFor(effect)) continue;
                var sides = Size.of(0, 1) == 1
                        ? List.of(Fault.Side.values())
                        : List.of(Fault.Side.values()[(runs.size() + effect.ordinal()) % 2]);
                for (var side : sides) {
                    var subject = subject("run-" + runs.size());
                    runs.add(new Run(scenario, new Fault(effect, side, 1, within(subject)), subject));
                }
            }
        });
        return runs;
    }

    private void prepare(List<Run> runs) {
        try (var first = standIn.start()) {
            for (var run : runs) run.scenario().prepare(run.subject());
            for (var run : runs) {
                Awaitility.await("preparation of " + run)
                        .atMost(LIMIT)
                        .failFast(() -> assertThat(first.isAlive())
                                .as(first.lastLines())
                                .isTrue())
                        .until(() -> run.scenario().isPrepared(run.subject()));
            }
        }
    }

    private void prepareAll(Map<Scenario, Subject> subjects) {
        try (var first = standIn.start()) {
            subjects.forEach(Scenario::prepare);
            subjects.forEach((scenario, subject) -> Awaitility.await("preparation of " + scenario)
                    .atMost(LIMIT)
                    .failFast(() ->
                            assertThat(first.isAlive()).as(first.lastLines()).isTrue())
                    .until(() -> scenario.isPrepared(subject)));
        }
    }

    private void die(Run run) {
        run.scenario().begin(run.subject());
        try (var dying = standIn.start(run.fault())) {
            run.scenario().goOn(run.subject(), dying);
            assertThat(dying.awaitEnd(60)).as(run + dying.lastLines()).isEqualTo(ControllerChild.HALTED);
        }
    }

    private static void assertEnd(Run run) {
        var made = new TreeSet<>(run.subject().made());
        if (run.scenario().to().isEmpty()) {
            return;
        }
        var status = run.subject().get().get("status");
        var expected = new TreeSet<>(List.of(
                "networkpolicies/agenttier-default-deny",
                "networkpolicies/sb-netpol",
                "persistentvolumeclaims/sb-workspace",
                "serviceaccounts/sb-sa"));
        if (!run.scenario().to().equals("Stopped")) {
            expected.add("pods/" + status.get("podName").asText());
            expected.add("secrets/sb-" + status.get("incarnation").asText());
        }
        assertThat(made).as(run.toString()).isEqualTo(expected);
    }

    /** Each hook ran once beside each daemon; for a sandbox that is stopped, a start tells what its stop did. */
    private static void assertHooks(List<Run> runs) {
        var kept = runs.stream()
                .filter(run ->
                        Set.of("Running", "Stopped").contains(run.scenario().to()))
                .toList();
        for (var run : kept) {
            if (run.scenario().to().equals("Stopped")) {
                run.subject()
                        .patch("{\"spec\":{\"powerState\":\"Running\",\"shutdownTime\":null,\"idleTimeout\":\"0\"}}");
            }
        }
        for (var run : kept) {
            Awaitility.await(run + " runs")
                    .atMost(LIMIT)
                    .until(() -> run.subject().is("Running"));
            var hooks = run.subject().hooks();
            assertThat(hooks).as(run.toString()).doesNotHaveDuplicates().isNotEmpty();
            var starts = hooks.stream()
                    .filter(line -> line.startsWith("start ") || line.startsWith("resume "))
                    .count();
            var stops = hooks.stream().filter(line -> line.startsWith("stop ")).count();
            assertThat(stops).as(run + " " + hooks).isEqualTo(starts - 1);
        }
    }

    private void assertNothingIsLeft(List<Run> runs) {
        for (var run : runs) {
            if (!run.subject().isGone()) run.subject().delete();
        }
        for (var run : runs) {
            Awaitility.await("what is left of " + run)
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(run.subject().made()).isEmpty());
        }
    }

    private Subject subject(String suffix) {
        var subject = new Subject(cluster.api(), prefix + suffix);
        subject.createNamespace();
        namespaces.add(subject.namespace());
        return subject;
    }

    private static String within(Subject subject) {
        return "/namespaces/" + subject.namespace() + "/";
    }
}
