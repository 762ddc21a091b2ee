package io.agenttier.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The controller dies before and after everything it does. A first controller records what each scenario makes it do; then, for each of these
 * effects, one dies there, and the next goes on with what it left, on its own way to death. In the end all is as if none had died.
 */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class ControllerCrashE2E {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration DEATH = Duration.ofMinutes(1);
    private static final List<Fault.Side> SIDES = List.of(Fault.Side.values());
    /** Asked again and again: each time the same step. */
    private static final Set<Effect> REPEATED = EnumSet.of(
            Effect.WRITE_LEASE, Effect.READ_REPORT, Effect.ASK_FOR_USE, Effect.TRUST_API_SERVICE, Effect.TRUST_WEBHOOK);

    private static final int MOST_VISITS = 5;
    /** Sandboxes that are there together. */
    private static final int AT_A_TIME = 48;

    @TempDir
    Path folder;

    private StandIn standIn;
    private Cluster cluster;
    private String prefix;
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
    void aControllerThatDiesAnywhereLeavesWhatTheNextOneFinishes() {
        assertTimeoutPreemptively(Duration.ofMinutes(Size.of(30, 120)), this::dieAnywhere);
    }

    private void dieAnywhere() {
        var visited = EnumSet.noneOf(Effect.class);
        try (var history = new PodHistory(cluster.api(), prefix)) {
            var runs = runs(record(visited));
            for (var begin = 0; begin < runs.size(); begin += AT_A_TIME) {
                var group = runs.subList(begin, Math.min(begin + AT_A_TIME, runs.size()));
                prepare(group);
                var begun = System.nanoTime();
                var deaths = group.stream().filter(this::die).count();
                System.out.println(deaths + " controllers of " + group.size() + " died where they should in "
                        + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s");
                finish(group);
                assertThat(history.wrong()).isEmpty();
            }
            var sandboxes = runs.stream().filter(run -> !run.scenario().isOfTheInstallation());
            assertThat(history.pods()).as("pods that the history saw").isGreaterThan((int) sandboxes.count());
        }
        dieWhileUninstalling(visited);
        var never = EnumSet.allOf(Effect.class);
        never.removeAll(visited);
        assertThat(never).as("effects that no scenario has").isEmpty();
    }

    /** A last controller finishes what all the dead ones began. */
    private void finish(List<Run> runs) {
        try (var last = standIn.start()) {
            for (var run : runs) {
                await(run + " comes to its end", last, () -> run.scenario().isOver(run.subject()));
            }
            var sandboxes = runs.stream()
                    .filter(run -> !run.scenario().isOfTheInstallation())
                    .toList();
            sandboxes.forEach(ControllerCrashE2E::assertEnd);
            assertHooks(sandboxes);
            assertNothingIsLeft(sandboxes);
        }
    }

    /**
     * What each scenario makes the controller do, in order.
     *
     * @param all takes the effects of all of them
     */
    private Map<Scenario, Map<Effect, Integer>> record(Set<Effect> all) {
        var runs = new ArrayList<Run>();
        for (var scenario : Scenario.values()) {
            runs.add(new Run(scenario, Optional.empty(), subject(scenario, "record-" + runs.size())));
        }
        prepare(runs);
        runs.forEach(run -> run.scenario().begin(run.subject()));
        var visited = new EnumMap<Scenario, Map<Effect, Integer>>(Scenario.class);
        try (var recorder = standIn.start()) {
            runs.forEach(run -> run.scenario().goOn(run.subject(), recorder));
            for (var run : runs) {
                await(run + " without a death", recorder, () -> run.scenario().isOver(run.subject()));
                visited.put(run.scenario(), effects(run, recorder));
            }
            recorder.visits().forEach(visit -> all.add(visit.effect()));
        }
        return visited;
    }

    /** In the order of first visits, with how many there were. */
    private static Map<Effect, Integer> effects(Run run, ControllerProcess recorder) {
        return recorder.visits().stream()
                .filter(visit -> visit.target().contains(within(run.scenario(), run.subject())))
                .map(ControllerProcess.Visit::effect)
                .filter(run.scenario()::isFor)
                .collect(Collectors.toMap(effect -> effect, _ -> 1, Integer::sum, LinkedHashMap::new));
    }

    /** Small: each effect once, in the first scenario that has it, before or after in turn. Full: each visit in each scenario, both. */
    private List<Run> runs(Map<Scenario, Map<Effect, Integer>> visited) {
        var runs = new ArrayList<Run>();
        var had = EnumSet.noneOf(Effect.class);
        visited.forEach((scenario, effects) -> effects.forEach((effect, visits) -> {
            var isNew = had.add(effect);
            var sides = Size.of(isNew ? 1 : 0, SIDES.size());
            var last = Size.of(1, REPEATED.contains(effect) ? 1 : Math.min(visits, MOST_VISITS));
            for (var i = 0; i < sides; i++) {
                for (var visit = 1; visit <= last; visit++) {
                    var subject = subject(scenario, "run-" + runs.size());
                    var side = SIDES.get((had.size() + i) % SIDES.size());
                    var fault = new Fault(effect, side, within(scenario, subject), visit);
                    runs.add(new Run(scenario, Optional.of(fault), subject));
                }
            }
        }));
        return runs;
    }

    private Subject subject(Scenario scenario, String suffix) {
        if (scenario.isOfTheInstallation()) {
            return new Subject(cluster.api(), Installation.NAMESPACE);
        }
        var subject = new Subject(cluster.api(), prefix + suffix);
        subject.createNamespace();
        namespaces.add(subject.namespace());
        return subject;
    }

    /** What the targets of effects contain that are the scenario's. */
    private static String within(Scenario scenario, Subject subject) {
        return scenario.isOfTheInstallation() ? "/" : "/namespaces/" + subject.namespace() + "/";
    }

    private void prepare(List<Run> runs) {
        try (var first = standIn.start()) {
            for (var run : runs) run.scenario().prepare(run.subject());
            for (var run : runs) {
                await("preparation of " + run, first, () -> run.scenario().isPrepared(run.subject()));
            }
            first.end();
        }
    }

    /** @return whether it died. A later visit may not come: how many writes a status takes depends on what comes between. */
    private boolean die(Run run) {
        run.scenario().begin(run.subject());
        var fault = run.fault().orElseThrow();
        try (var dying = standIn.start(fault)) {
            run.scenario().goOn(run.subject(), dying);
            Awaitility.await(run.toString())
                    .atMost(DEATH)
                    .until(() -> !dying.isAlive()
                            || (fault.visit() > 1 && run.scenario().isOver(run.subject())));
            if (dying.isAlive()) return false;
            assertThat(dying.awaitEnd(1)).as(run + dying.lastLines()).isEqualTo(ControllerChild.HALTED);
            return true;
        }
    }

    private static void assertEnd(Run run) {
        var expected = new TreeSet<String>();
        if (!run.scenario().to().isEmpty()) {
            expected.addAll(List.of(
                    "networkpolicies/agenttier-default-deny",
                    "networkpolicies/sb-netpol",
                    "persistentvolumeclaims/sb-workspace",
                    "serviceaccounts/sb-sa"));
            expected.addAll(run.scenario().made());
            var status = run.subject().get().get("status");
            if (!run.scenario().to().equals("Stopped")) {
                expected.add("pods/" + status.get("podName").asText());
                expected.add("secrets/sb-" + status.get("incarnation").asText());
            }
        }
        Awaitility.await(run.toString())
                .atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(new TreeSet<>(run.subject().made())).isEqualTo(expected));
    }

    /** Each hook ran once beside each daemon. What ran at a stop is told by the start after it. */
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
            assertThat(hooks).as(run.toString()).doesNotHaveDuplicates();
            assertThat(hooks.stream().filter(line -> line.startsWith("stop ")))
                    .as(run + ": each daemon but the last had its onStop")
                    .hasSize(hooks.size() / 2);
            assertThat(hooks).as(run.toString()).hasSizeGreaterThan(0);
        }
    }

    private static void assertNothingIsLeft(List<Run> runs) {
        for (var run : runs) {
            if (!run.subject().isGone()) run.subject().delete();
        }
        for (var run : runs) {
            Awaitility.await("what is left of " + run)
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(run.subject().made()).isEmpty());
        }
    }

    /** The job of a removal, whose one effect is the registration of the API. */
    private void dieWhileUninstalling(Set<Effect> visited) {
        var api = cluster.api();
        var kept = (ObjectNode) api.get(Installation.API_SERVICE).json();
        try {
            for (var side : SIDES) {
                try (var dying = standIn.uninstall(new Fault(Effect.DELETE_API_SERVICE, side, "/", 1).argument())) {
                    assertThat(dying.awaitEnd(60)).as(side + dying.lastLines()).isEqualTo(ControllerChild.HALTED);
                    dying.visits().forEach(visit -> visited.add(visit.effect()));
                }
            }
            assertThat(api.get(Installation.API_SERVICE).code()).isEqualTo(404);
            try (var again = standIn.uninstall(ControllerChild.NO_FAULT)) {
                assertThat(again.awaitEnd(60)).as(again.lastLines()).isZero();
            }
        } finally {
            kept.remove("status");
            ((ObjectNode) kept.get("metadata")).remove(List.of("uid", "resourceVersion", "creationTimestamp"));
            api.post(Installation.API_SERVICE.replaceFirst("/[^/]*$", ""), kept);
        }
        var name = kept.at("/metadata/name").asText();
        cluster.kubectl()
                .run("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=60s")
                .orThrow();
    }

    private static void await(String what, ControllerProcess controller, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(LIMIT)
                .failFast(() -> assertThat(controller.isAlive())
                        .as(controller.lastLines())
                        .isTrue())
                .until(condition);
    }
}
