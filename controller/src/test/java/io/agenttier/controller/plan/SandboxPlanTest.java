package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.T0;
import static io.agenttier.controller.plan.Fixtures.sandbox;
import static io.agenttier.controller.plan.Fixtures.spec;
import static io.agenttier.controller.plan.Fixtures.world;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1ContainerState;
import io.kubernetes.client.openapi.models.V1ContainerStateRunning;
import io.kubernetes.client.openapi.models.V1ContainerStateWaiting;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What becomes of a sandbox, case by case. */
@NullUnmarked
class SandboxPlanTest {
    private final Simulation simulation = new Simulation(spec());

    @Test
    void firstPlanNotesTheIncarnationBeforeAnythingIsMade() {
        var plan = SandboxPlan.of(world(sandbox(spec(), null)), T0, FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        assertThat(plan.atOnce()).isTrue();
        assertThat(plan.status().incarnation()).isEqualTo(FRESH);
        assertThat(plan.status().phase()).isEqualTo("Creating");
    }

    @Test
    void coldStartTakesTwoStatusWritesAndSixObjects() {
        var plan = SandboxPlan.of(world(sandbox(spec(), null)), T0, FRESH, SETTINGS);
        simulation.status(plan.status());
        var create = SandboxPlan.of(simulation.world(), T0, "ffffffff", SETTINGS);
        assertThat(create.status()).isEqualTo(plan.status());
        assertThat(create.stages()).hasSize(2);
        assertThat(create.stages().getFirst()).hasSize(5);
        assertThat(create.stages().getLast()).hasSize(1);
    }

    @Test
    void quickStartIsNotToldStepByStep() {
        simulation.reconcile(Integer.MAX_VALUE);
        var before = simulation.sandbox.status();
        var plan = SandboxPlan.of(simulation.world(), simulation.now.plusSeconds(1), FRESH, SETTINGS);
        assertThat(plan.status()).isEqualTo(before);
        assertThat(plan.again()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void readySandboxShowsWhoAndHowFast() {
        simulation.settle();
        var status = simulation.sandbox.status();
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(status.startupDurationMs()).isEqualTo(5000);
        assertThat(status.node()).isEqualTo("node1");
        assertThat(status.pvcName()).isEqualTo("hello-workspace");
        assertThat(status.podName()).isEqualTo("hello-pod");
    }

    @Test
    void infrastructureFailuresAreRetriedFiveTimesAndThenFinal() {
        for (var wait : List.of(10, 20, 40, 80, 160)) {
            simulation.settle();
            simulation.end(137, "OOMKilled", null);
            var failed = simulation.now;
            simulation.reconcile(Integer.MAX_VALUE);
            assertThat(simulation.sandbox.status().nextRetryTime().toInstant()).isEqualTo(failed.plusSeconds(wait));
            simulation.settle();
            assertThat(simulation.pods).as("nothing runs while it waits").isEmpty();
            simulation.passRetryWait();
        }
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
        simulation.end(137, "OOMKilled", null);
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Error");
        assertThat(simulation.sandbox.status().stopped().reason()).isEqualTo("RetriesExhausted");
    }

    @Test
    void stableSandboxHasItsTriesBackAfterFiveMinutes() {
        simulation.settle();
        simulation.end(137, "OOMKilled", null);
        simulation.settle();
        simulation.passRetryWait();
        simulation.settle();
        assertThat(simulation.sandbox.status().restartCount()).isEqualTo(1);
        simulation.now = simulation.now.plus(Duration.ofMinutes(5));
        simulation.settle();
        assertThat(simulation.sandbox.status().restartCount()).isZero();
    }

    @Test
    void failingApplicationUsesNoTryAndIsLeftByAResumeOnly() {
        simulation.settle();
        simulation.end(3, "Error", CrashTest.record("CommandExited", 3));
        simulation.settle();
        var status = simulation.sandbox.status();
        assertThat(status.phase()).isEqualTo("Error");
        assertThat(status.stopped().reason()).isEqualTo("ApplicationExited");
        assertThat(status.restartCount()).isZero();
        assertThat(simulation.pods).as("kept for its logs").hasSize(1);
        assertThat(simulation.secrets).isEmpty();
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
    }

    @Test
    void exitWithZeroStopsTheSandboxAndKeepsTheReason() {
        simulation.settle();
        simulation.end(0, "Completed", CrashTest.record("CommandExited", 0));
        simulation.settle();
        assertThat(simulation.sandbox.spec().powerState()).isEqualTo("Stopped");
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Stopped");
        assertThat(simulation.sandbox.status().stopped().reason()).isEqualTo("ApplicationExited");
        simulation.spec(spec());
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
    }

    @Test
    void endWithoutFinalRecordIsNeverAnApplicationsExit() {
        simulation.settle();
        simulation.end(0, "Completed", "");
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().restartCount()).isEqualTo(1);
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Creating");
    }

    @Test
    void sandboxCreatedStoppedMakesNothing() {
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Stopped");
        assertThat(simulation.claim).isNull();
        assertThat(simulation.policy).isNull();
    }

    @Test
    void stopNamesWhoAsked() {
        var asked = spec("{\"image\":{\"repository\":\"i\"},\"powerState\":\"Stopped\"}");
        var metadata = Fixtures.metadata(Map.of("agenttier.io/power-requested-by", "alice"));
        var plan = SandboxPlan.of(
                world(new Sandbox("agenttier.io/v1alpha1", "Sandbox", metadata, asked, null)), T0, FRESH, SETTINGS);
        assertThat(plan.status().stopped().by()).isEqualTo("alice");
        assertThat(plan.status().message()).isEqualTo("stopped by alice");
    }

    @Test
    void phaseStaysRunningWhileThePodIsEnding() {
        simulation.settle();
        simulation.power(PowerState.STOPPED);
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
        assertThat(condition(Conditions.READY).reason()).isEqualTo("Stopping");
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Stopped");
    }

    @Test
    void unsupportedFieldIsNamedAndNothingStarts() {
        var asked = spec("{\"image\":{\"repository\":\"i\"},\"cloneFromSnapshot\":\"s\"}");
        var plan = SandboxPlan.of(world(sandbox(asked, null)), T0, FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        var ready =
                Conditions.find(plan.status().conditions(), Conditions.READY).orElseThrow();
        assertThat(ready.reason()).isEqualTo("NotSupported");
        assertThat(ready.message()).contains("spec.cloneFromSnapshot");
    }

    @Test
    void runningSandboxTellsOfAnUnsupportedFieldAndGoesOn() {
        simulation.settle();
        simulation.spec(spec("{\"image\":{\"repository\":\"i\"},\"cloneFromSnapshot\":\"s\"}"));
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
        assertThat(condition(Conditions.READY).reason()).isEqualTo("NotSupported");
    }

    @Test
    void lostVolumeStopsTheNextStart() {
        simulation.settle();
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        simulation.claim = null;
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(condition(Conditions.STORAGE_READY).reason()).isEqualTo("VolumeLost");
        assertThat(simulation.pods).isEmpty();
        assertThat(simulation.claim).isNull();
    }

    @Test
    void lostVolumeIsToldWhileStoppedAndAResumeThatSaysSoBeginsAnew() {
        simulation.settle();
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        simulation.claim = null;
        simulation.settle();
        assertThat(condition(Conditions.STORAGE_READY).reason()).isEqualTo("VolumeLost");
        var requested = simulation.now.plusSeconds(1);
        simulation.marks = Map.of("agenttier.io/new-volume", requested.toString());
        simulation.spec(spec("{\"image\":{\"repository\":\"i\"},\"powerState\":\"Running\",\"startRequestedAt\":\""
                + requested + "\"}"));
        simulation.now = simulation.now.plusSeconds(2);
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
        assertThat(simulation.claim).isNotNull();
        simulation.claim = null;
        simulation.end(137, "OOMKilled", "");
        simulation.settle();
        simulation.passRetryWait();
        simulation.settle();
        assertThat(condition(Conditions.STORAGE_READY).reason())
                .as("the permission was for one start")
                .isEqualTo("VolumeLost");
    }

    @Test
    void podThatCannotStartGivesWayOnceItsSpecIsRepaired() {
        simulation.reconcile(Integer.MAX_VALUE);
        simulation.pods.getFirst().getSpec().nodeName("node1");
        simulation
                .pods
                .getFirst()
                .status(new V1PodStatus()
                        .phase("Pending")
                        .addContainerStatusesItem(new V1ContainerStatus()
                                .name("sandbox")
                                .image("example.test/image:1")
                                .state(new V1ContainerState()
                                        .waiting(new V1ContainerStateWaiting()
                                                .reason("ErrImagePull")
                                                .message("not found")))));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(condition(Conditions.POD_READY).reason()).isEqualTo("ImagePullFailed");
        simulation.spec(spec("{\"image\":{\"repository\":\"example.test/image:2\"}}"));
        simulation.settle();
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Running");
        assertThat(simulation
                        .pods
                        .getFirst()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .isEqualTo("example.test/image:2");
    }

    @Test
    void preemptedPodIsNamedAsSuchWhenItIsGone() {
        simulation.settle();
        var pod = simulation.pods.getFirst();
        pod.getMetadata().deletionTimestamp(simulation.now.plusSeconds(30).atOffset(ZoneOffset.UTC));
        pod.getStatus()
                .addConditionsItem(new V1PodCondition()
                        .type("DisruptionTarget")
                        .status("True")
                        .reason("PreemptionByScheduler"));
        simulation.reconcile(Integer.MAX_VALUE);
        simulation.pods.clear();
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().message())
                .contains("the pod is gone: PreemptionByScheduler", "restart 1 of 5");
    }

    @Test
    void podOfASilentNodeIsLeftAloneUntilTheNodeIsGivenUpAndThenOnlyForItsVolume() {
        simulation.settle();
        simulation.silentNodes = java.util.Set.of("node1");
        simulation.settle();
        assertThat(simulation.pods).hasSize(1);
        assertThat(condition(Conditions.READY).message()).contains("node1 does not answer");
        simulation.lostNodes = java.util.Set.of("node1");
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.pods).isEmpty();
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().restartCount()).isEqualTo(1);

        var ephemeral = new Simulation(spec("{\"image\":{\"repository\":\"i\"},\"storage\":{\"ephemeral\":true}}"));
        ephemeral.settle();
        ephemeral.silentNodes = java.util.Set.of("node1");
        ephemeral.lostNodes = java.util.Set.of("node1");
        ephemeral.settle();
        assertThat(ephemeral.pods).hasSize(1);
    }

    @Test
    void volumeOfAnotherOwnerIsNeverUsed() {
        simulation.claim = new V1PersistentVolumeClaim()
                .metadata(new V1ObjectMeta().name("hello-workspace").uid("x"));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(condition(Conditions.STORAGE_READY).reason()).isEqualTo("Conflict");
        assertThat(simulation.pods).isEmpty();
    }

    @Test
    void openedPolicyIsClosedAgainWhileThePodRuns() {
        simulation.settle();
        simulation.policy.getSpec().setEgress(List.of());
        simulation.defaultDeny = null;
        var plan = SandboxPlan.of(simulation.world(), simulation.now, FRESH, SETTINGS);
        assertThat(plan.stages().getFirst())
                .hasSize(2)
                .anyMatch(a -> a instanceof Action.Repair)
                .anyMatch(a -> a instanceof Action.Create);
    }

    @Test
    void changeThatActsAtTheNextStartIsTold() {
        simulation.settle();
        simulation.spec(spec("{\"image\":{\"repository\":\"other\"},\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}"));
        simulation.settle();
        assertThat(condition(Conditions.READY).holds()).isTrue();
        assertThat(condition(Conditions.READY).message())
                .isEqualTo("the sandbox is ready; changes of env, image act at its next start");
    }

    @Test
    void changedNetworkActsAtOnce() {
        simulation.settle();
        simulation.spec(
                spec("{\"image\":{\"repository\":\"example.test/image:1\"},\"network\":{\"allowInternet\":true}}"));
        simulation.settle();
        assertThat(simulation.policy.getSpec().getEgress()).hasSize(2);
        assertThat(condition(Conditions.READY).message()).isEqualTo("the sandbox is ready");
    }

    @Test
    void podThatNeverGoesGetsASuccessorOfAnotherName() {
        simulation.settle();
        var stuck = simulation.pods.getFirst();
        stuck.getMetadata().deletionTimestamp(simulation.now.atOffset(ZoneOffset.UTC));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().nextRetryTime())
                .as("waits for it first")
                .isNull();
        simulation.now = simulation.now.plusSeconds(31);
        simulation.reconcile(Integer.MAX_VALUE);
        simulation.passRetryWait();
        var plan = SandboxPlan.of(simulation.world(), simulation.now, FRESH, SETTINGS);
        assertThat(plan.status().podName()).isEqualTo("hello-pod-" + FRESH);
    }

    @Test
    void podOnASilentNodeIsShownAndNotTouched() {
        simulation.settle();
        var plan = SandboxPlan.of(onSilentNode(simulation.world()), simulation.now, FRESH, SETTINGS);
        assertThat(plan.stages()).isEmpty();
        assertThat(plan.status().phase()).isEqualTo("Running");
        assertThat(Conditions.find(plan.status().conditions(), Conditions.POD_READY)
                        .orElseThrow()
                        .reason())
                .isEqualTo("PodLost");
    }

    @Test
    void daemonThatStaysSilentForAMinuteIsAFailure() {
        simulation.settle();
        simulation
                .pods
                .getFirst()
                .status(new V1PodStatus()
                        .phase("Running")
                        .addContainerStatusesItem(new V1ContainerStatus()
                                .name("sandbox")
                                .state(new V1ContainerState().running(new V1ContainerStateRunning())))
                        .addConditionsItem(new V1PodCondition().type("Ready").status("False")));
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().restartCount()).isZero();
        Instant since = simulation.now;
        simulation.now = since.plusSeconds(59);
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().restartCount()).isZero();
        simulation.now = since.plusSeconds(60);
        simulation.reconcile(Integer.MAX_VALUE);
        assertThat(simulation.sandbox.status().restartCount()).isEqualTo(1);
    }

    @Test
    void refusedPodIsShownWithTheServersWordsAlthoughItsSecretIsThere() {
        simulation.status(
                SandboxPlan.of(simulation.world(), T0, FRESH, SETTINGS).status());
        simulation.secrets.add(FRESH);
        var refused = simulation
                .world()
                .stoppedBy(Obstacle.refused(
                        ResourceKind.POD, "hello-pod", new Refusal(403, "Forbidden", "exceeded quota", false)));
        var plan = SandboxPlan.of(refused, T0, "ffffffff", SETTINGS);
        assertThat(plan.stages()).isEmpty();
        assertThat(plan.status().message()).isEqualTo("Pod \"hello-pod\" was refused: exceeded quota");
        assertThat(Conditions.find(plan.status().conditions(), Conditions.POD_READY)
                        .orElseThrow()
                        .reason())
                .isEqualTo("ConfigError");
    }

    @Test
    void secretWithoutAPodIsGivenUpUnlessThePodWasRefused() {
        stopBeforeThePod();
        var unsure = SandboxPlan.of(simulation.world(), T0, "ffffffff", SETTINGS);
        assertThat(unsure.status().podName()).isNull();
        assertThat(unsure.stages()).isEmpty();

        var refused = SandboxPlan.of(unused(simulation.world()), T0, "ffffffff", SETTINGS);
        assertThat(refused.status()).as("no write, so no wake-up by it").isEqualTo(simulation.sandbox.status());
        assertThat(refused.stages()).hasSize(2);
    }

    @Test
    void startOfAnotherProcessIsLeftToItForAWhileAndThenGivenUp() {
        stopBeforeThePod();
        var world = simulation.world().withSecretOf(T0);
        var meanwhile = SandboxPlan.of(world, T0.plusSeconds(9), "ffffffff", SETTINGS);
        assertThat(meanwhile.status()).isEqualTo(simulation.sandbox.status());
        assertThat(meanwhile.stages()).isEmpty();
        assertThat(meanwhile.again()).isEqualTo(Duration.ofSeconds(1));

        assertThat(SandboxPlan.of(world, T0.plusSeconds(10), "ffffffff", SETTINGS)
                        .status()
                        .podName())
                .isNull();
    }

    private void stopBeforeThePod() {
        simulation.status(
                SandboxPlan.of(simulation.world(), T0, FRESH, SETTINGS).status());
        simulation.secrets.add(FRESH);
    }

    private Condition condition(String type) {
        return Conditions.find(simulation.sandbox.status().conditions(), type).orElseThrow();
    }

    private static World unused(World w) {
        return new World(
                w.sandbox(),
                w.templates(),
                w.pods(),
                w.claim(),
                w.policy(),
                w.account(),
                w.defaultDeny(),
                w.secretLeft(),
                true,
                false,
                false,
                w.injection(),
                w.silentNodes(),
                null,
                java.util.Map.of());
    }

    private static World onSilentNode(World w) {
        return new World(
                w.sandbox(),
                w.templates(),
                w.pods(),
                w.claim(),
                w.policy(),
                w.account(),
                w.defaultDeny(),
                false,
                false,
                false,
                false,
                w.injection(),
                java.util.Set.of("node1"),
                null,
                java.util.Map.of());
    }
}
