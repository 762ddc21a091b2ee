package io.agenttier.e2e.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two controllers that both believe to lead, as a Lease can never wholly rule out, do what one does. */
@Tag("disruptive")
@Timeout(900)
@ExtendWith(ClusterExtension.class)
class TwoLeadersE2E {
    private static final int SANDBOXES = Size.of(20, 60);
    private static final int EDITS = 5;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String USED = "2026-01-01T00:00:00Z";

    private final List<ControllerProcess> leaders = new ArrayList<>();

    @Test
    void makeOnePodForASandboxAndKeepWhatPeopleWrite(TestNamespace namespace, @TempDir Path folder) {
        var cluster = namespace.cluster();
        assumeThat(cluster.nodeIsThisMachine())
                .as("pods whose network this machine can lend")
                .isTrue();
        var prefix = namespace.name() + "-";
        var subjects = new ArrayList<Subject>();
        for (var i = 0; i < SANDBOXES; i++) subjects.add(new Subject(cluster.api(), prefix + i));
        try (var standIn = new StandIn(cluster, folder);
                var history = new PodHistory(cluster.api(), prefix)) {
            standIn.takeOver();
            subjects.forEach(Subject::createNamespace);
            try (var one = standIn.start("--leader-elect=false");
                    var other = standIn.start("--leader-elect=false")) {
                leaders.addAll(List.of(one, other));
                live(subjects);
                subjects.forEach(Subject::delete);
                for (var subject : subjects) {
                    await(
                            "nothing is left of " + subject.namespace(),
                            () -> subject.made().isEmpty());
                }
                assertThat(one.visits()).as("both worked").isNotEmpty();
                assertThat(other.visits()).as("both worked").isNotEmpty();
            }
            assertThat(history.wrong()).isEmpty();
            assertThat(history.pods()).isGreaterThanOrEqualTo(3 * SANDBOXES);
        } finally {
            subjects.forEach(subject -> cluster.api().delete("/api/v1/namespaces/" + subject.namespace()));
        }
    }

    private void live(List<Subject> subjects) {
        for (var subject : subjects) {
            subject.create("{}");
            subject.patch(subject.path() + "/status", "{\"status\":{\"lastActivityTimestamp\":\"" + USED + "\"}}");
        }
        edit(subjects);
        awaitAll(subjects, "Running");
        subjects.forEach(subject -> subject.patch("{\"spec\":{\"powerState\":\"Stopped\"}}"));
        edit(subjects);
        awaitAll(subjects, "Stopped");
        subjects.forEach(subject -> subject.patch("{\"spec\":{\"powerState\":\"Running\"}}"));
        awaitAll(subjects, "Running");
        subjects.forEach(subject -> subject.api()
                .delete("/api/v1/namespaces/" + subject.namespace() + "/pods/sb-pod?gracePeriodSeconds=0"));
        for (var subject : subjects) {
            await(
                    subject.namespace() + " starts again",
                    () -> subject.get().at("/status/restartCount").asInt() == 1 && subject.is("Running"));
        }
        subjects.forEach(TwoLeadersE2E::assertEnd);
    }

    /** What people do meanwhile; each edit counts on from the one before. */
    private static void edit(List<Subject> subjects) {
        for (var i = 0; i < EDITS; i++) {
            for (var subject : subjects) {
                var count = subject.get().at("/metadata/annotations/edits").asInt();
                subject.patch("{\"metadata\":{\"annotations\":{\"edits\":\"" + (count + 1)
                        + "\"}},\"spec\":{\"timeout\":\"" + (count + 1) + "h\"}}");
            }
        }
    }

    private static void assertEnd(Subject subject) {
        var sandbox = subject.get();
        assertThat(sandbox.at("/metadata/annotations/edits").asInt()).isEqualTo(2 * EDITS);
        assertThat(sandbox.at("/spec/timeout").asText()).isEqualTo(2 * EDITS + "h");
        assertThat(sandbox.at("/status/lastActivityTimestamp").asText()).isEqualTo(USED);
        Awaitility.await("what was made for one start alone")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(subject.made())
                        .containsExactlyInAnyOrder(
                                "networkpolicies/agenttier-default-deny",
                                "networkpolicies/sb-netpol",
                                "persistentvolumeclaims/sb-workspace",
                                "serviceaccounts/sb-sa",
                                "pods/" + sandbox.at("/status/podName").asText(),
                                "secrets/sb-"
                                        + sandbox.at("/status/incarnation").asText()));
        assertThat(subject.hooks()).as(subject.namespace()).doesNotHaveDuplicates();
    }

    private void awaitAll(List<Subject> subjects, String phase) {
        for (var subject : subjects) await(subject.namespace() + " is " + phase, () -> subject.is(phase));
    }

    private void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(LIMIT)
                .failFast(() -> leaders.forEach(leader ->
                        assertThat(leader.isAlive()).as(leader.lastLines()).isTrue()))
                .until(condition);
    }
}
