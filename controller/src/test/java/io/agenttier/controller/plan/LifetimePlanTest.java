package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.PowerState;
import io.agenttier.api.SandboxStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What the clock makes of a sandbox, from status to status. */
@NullUnmarked
class LifetimePlanTest {
    private Simulation simulation;
    private final List<String> events = new ArrayList<>();

    private void run(String limits) {
        simulation = new Simulation(Fixtures.spec("{\"image\":{\"repository\":\"i\"}," + limits + "}"));
        simulation.statusWritten =
                (before, after) -> Transitions.between(before, after).forEach(n -> events.add(n.reason()));
        simulation.settle();
    }

    @Test
    void unusedSandboxIsAnnouncedStoppedAndSaysWhy() {
        run("\"idleTimeout\":\"1h\"");
        assertThat(status().scheduledStop()).isNull();
        wait(Duration.ofMinutes(56));
        assertThat(status().scheduledStop().reason()).isEqualTo("IdleTimeout");
        assertThat(status().message()).contains("will be stopped at", "if nobody uses it");
        assertThat(status().phase()).isEqualTo("Running");
        wait(Duration.ofMinutes(5));
        assertThat(status().phase()).isEqualTo("Stopped");
        assertThat(status().stopped().reason()).isEqualTo("IdleTimeout");
        assertThat(status().stopped().by()).isNull();
        assertThat(status().scheduledStop()).isNull();
        assertThat(events).containsSubsequence("StopScheduled", "IdleTimeout", "Stopped");
    }

    @Test
    void useDuringTheGraceTakesTheStopBack() {
        run("\"idleTimeout\":\"1h\"");
        wait(Duration.ofMinutes(56));
        assertThat(status().scheduledStop()).isNotNull();
        simulation.status(status().toDraft()
                .lastActivityTimestamp(Draft.time(simulation.now))
                .build());
        simulation.settle();
        assertThat(status().scheduledStop()).isNull();
        assertThat(status().message()).doesNotContain("stopped at");
        wait(Duration.ofMinutes(10));
        assertThat(status().phase()).isEqualTo("Running");
    }

    @Test
    void thoseWhoAreInItAreToldOnceOfAStopAndThatItIsCalledOff() {
        run("\"idleTimeout\":\"1h\"");
        wait(Duration.ofMinutes(56));
        simulation.settle();
        var stop = ((PodQuestion.Tell) simulation.asked.getFirst()).stop();
        assertThat(stop.reason()).isEqualTo("IdleTimeout");
        assertThat(stop.text())
                .startsWith("sandbox hello will be stopped at ")
                .endsWith(", if nobody uses it until then");
        assertThat(Draft.time(stop.at())).isEqualTo(status().scheduledStop().time());
        assertThat(simulation.asked).hasSize(1);
        simulation.status(status().toDraft()
                .lastActivityTimestamp(Draft.time(simulation.now))
                .build());
        simulation.settle();
        wait(Duration.ofMinutes(1));
        assertThat(simulation.asked).containsExactly(new PodQuestion.Tell(stop), new PodQuestion.CallOff(stop.at()));
    }

    @Test
    void aControllerThatForgotWhatItToldCallsItOffNevertheless() {
        run("\"idleTimeout\":\"1h\"");
        wait(Duration.ofMinutes(56));
        simulation.answers.clear();
        simulation.status(status().toDraft()
                .lastActivityTimestamp(Draft.time(simulation.now))
                .build());
        simulation.settle();
        assertThat(simulation.asked.getLast()).isInstanceOf(PodQuestion.CallOff.class);
    }

    @Test
    void aDeletionByTheClockIsAnnouncedAsOne() {
        run("\"shutdownTime\":\"" + Fixtures.T0.plusSeconds(600) + "\",\"shutdownPolicy\":\"Delete\"");
        wait(Duration.ofMinutes(9));
        assertThat(status().scheduledStop().reason()).isEqualTo("ShutdownTime");
        assertThat(status().message()).contains("will be deleted at", "its shutdown time");
        assertThat(simulation.asked).singleElement().isInstanceOf(PodQuestion.Tell.class);
    }

    @Test
    void useThatOnlySandboxdKnowsPostponesTheStop() {
        run("\"idleTimeout\":\"1h\"");
        simulation.report = new UseReport.Told(simulation.now.plus(Duration.ofMinutes(30)), false);
        wait(Duration.ofMinutes(70));
        assertThat(status().phase()).isEqualTo("Running");
        wait(Duration.ofMinutes(25));
        assertThat(status().phase()).isEqualTo("Stopped");
    }

    @Test
    void attachedClientKeepsItForAsLongAsItStays() {
        run("\"idleTimeout\":\"1m\"");
        simulation.report = new UseReport.Told(Instant.EPOCH, true);
        for (var i = 0; i < 10; i++) {
            wait(Duration.ofMinutes(1));
            assertThat(status().phase()).isEqualTo("Running");
        }
        simulation.report = new UseReport.Told(simulation.now, false);
        wait(Duration.ofMinutes(1));
        assertThat(status().phase()).isEqualTo("Stopped");
    }

    @Test
    void silentSandboxdDelaysTheStopAndIsNamed() {
        run("\"idleTimeout\":\"10m\"");
        simulation.report = new UseReport.Silent("no route to the pod");
        wait(Duration.ofMinutes(10).plusSeconds(30));
        assertThat(status().phase()).isEqualTo("Running");
        assertThat(status().message()).contains("no route to the pod");
        wait(Duration.ofMinutes(1));
        assertThat(status().phase()).isEqualTo("Stopped");
    }

    @Test
    void maximumRunTimeCountsWhateverIsUsedAndARestartDoesNotBeginItAnew() {
        run("\"timeout\":\"10m\"");
        simulation.report = new UseReport.Told(Instant.EPOCH, true);
        simulation.end(137, "OOMKilled", "");
        simulation.settle();
        simulation.passRetryWait();
        simulation.settle();
        wait(Duration.ofMinutes(10));
        assertThat(status().stopped().reason()).isEqualTo("MaxRuntimeReached");
        assertThat(events).contains("MaxRuntimeReached", "Stopped");
    }

    @Test
    void resumedSandboxHasItsWholeTimeAgain() {
        run("\"timeout\":\"10m\"");
        wait(Duration.ofMinutes(11));
        assertThat(status().phase()).isEqualTo("Stopped");
        resume("\"timeout\":\"10m\"");
        assertThat(status().phase()).isEqualTo("Running");
        wait(Duration.ofMinutes(8));
        assertThat(status().phase()).isEqualTo("Running");
    }

    @Test
    void whatIsLeftOfAnAutomaticStopSaysNothingAboutALaterOne() {
        run("\"timeout\":\"10m\"");
        wait(Duration.ofMinutes(11));
        resume("\"timeout\":\"10m\"");
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(status().stopped().reason()).isEqualTo("Requested");
    }

    @Test
    void shutdownTimeStopsOnceAndAResumeAfterItStays() {
        var at = "\"shutdownTime\":\"" + Fixtures.T0.plusSeconds(600) + "\"";
        run(at);
        wait(Duration.ofMinutes(11));
        assertThat(status().stopped().reason()).isEqualTo("ShutdownTime");
        resume(at);
        wait(Duration.ofMinutes(30));
        assertThat(status().phase()).isEqualTo("Running");
    }

    @Test
    void shutdownTimeWithDeleteEndsTheObjectInAnyPhase() {
        run("\"shutdownTime\":\"" + Fixtures.T0.plusSeconds(600) + "\",\"shutdownPolicy\":\"Delete\"");
        wait(Duration.ofMinutes(9));
        assertThat(simulation.deleted).isFalse();
        simulation.now = simulation.now.plus(Duration.ofMinutes(2));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.deleted).isTrue();
    }

    @Test
    void timeToLiveCountsFromTheMomentItIsStoppedAndEndsWithAResume() {
        var ttl = "\"ttlSecondsAfterStopped\":60";
        run(ttl + ",\"powerState\":\"Stopped\"");
        assertThat(status().phase()).isEqualTo("Stopped");
        var plan = SandboxPlan.of(simulation.world(), simulation.now, "ffffffff", SETTINGS);
        assertThat(plan.again()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(60));
        simulation.now = simulation.now.plusSeconds(61);
        var due = simulation.now;
        resume(ttl);
        assertThat(simulation.deleted).as("it is wanted again").isFalse();
        simulation.spec(Fixtures.spec("{\"image\":{\"repository\":\"i\"},\"powerState\":\"Stopped\"," + ttl + "}"));
        simulation.settle();
        assertThat(status().stopped().time().toInstant()).isAfter(due);
        simulation.now = simulation.now.plusSeconds(61);
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.deleted).isTrue();
    }

    @Test
    void crashAfterAnyWriteOfAnIdleStopKeepsItsReason() {
        for (var writes = 0; writes < 6; writes++) {
            run("\"idleTimeout\":\"8s\"");
            simulation.now = simulation.now.plusSeconds(60);
            simulation.reconcile(writes);
            simulation.settle();
            assertThat(status().phase()).isEqualTo("Stopped");
            assertThat(status().stopped().reason()).isEqualTo("IdleTimeout");
        }
    }

    @Test
    void templateEditedMeanwhileDoesNotReachARunningPod() {
        run("\"env\":[]");
        simulation.pods.getFirst().getMetadata().getAnnotations().put("agenttier.io/timeout", "1h");
        wait(Duration.ofMinutes(61));
        assertThat(status().stopped().reason()).isEqualTo("MaxRuntimeReached");
    }

    private SandboxStatus status() {
        return simulation.sandbox.status();
    }

    private void wait(Duration time) {
        simulation.now = simulation.now.plus(time);
        simulation.settle();
    }

    private void resume(String limits) {
        simulation.now = simulation.now.plusSeconds(2);
        simulation.spec(
                Fixtures.spec("{\"image\":{\"repository\":\"i\"},\"powerState\":\"Running\",\"startRequestedAt\":\""
                        + simulation.now + "\"," + limits + "}"));
        simulation.settle();
    }
}
