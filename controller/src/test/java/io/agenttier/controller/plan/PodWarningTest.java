package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import io.kubernetes.client.openapi.models.V1ContainerState;
import io.kubernetes.client.openapi.models.V1ContainerStateRunning;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodStatus;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class PodWarningTest {
    private final Simulation simulation = new Simulation(Fixtures.spec());

    @Test
    void whatAPodWaitsForIsTakenFromItsEventsAndLookedForAgain() {
        var plan = planned("FailedAttachVolume (the disk is elsewhere)");
        assertThat(podReady(plan).reason()).isEqualTo(Reasons.PULLING_IMAGE);
        assertThat(podReady(plan).message()).endsWith("; it says FailedAttachVolume (the disk is elsewhere)");
        assertThat(plan.again()).isEqualTo(PodWarning.LOOK);
        assertThat(podReady(planned("")).message()).doesNotContain("it says");
    }

    @Test
    void aKeyThatIsMissingIsAConfigurationError() {
        var plan = planned("FailedMount (references non-existent secret key: token)");
        assertThat(podReady(plan).reason()).isEqualTo(Reasons.CONFIG_ERROR);
        assertThat(podReady(plan).message()).contains("non-existent secret key: token");
        assertThat(plan.stages()).as("the pod stays and heals").isEmpty();
    }

    @Test
    void onlyAPodOnANodeOfWhichNothingRunsIsAskedAbout() {
        var pod = waitingPod();
        var late = simulation.now.plusSeconds(9);
        assertThat(PodWarning.isAwaited(pod, late)).isTrue();
        pod.getStatus()
                .addContainerStatusesItem(new V1ContainerStatus()
                        .name("sandbox")
                        .state(new V1ContainerState().running(new V1ContainerStateRunning())));
        assertThat(PodWarning.isAwaited(pod, late)).as("a container runs").isFalse();
        pod.getSpec().setNodeName(null);
        assertThat(PodWarning.isAwaited(pod, late)).as("no node yet").isFalse();
    }

    private Plan planned(String warning) {
        waitingPod();
        return SandboxPlan.of(simulation.world().warned(warning), simulation.now.plusSeconds(9), FRESH, SETTINGS);
    }

    private V1Pod waitingPod() {
        simulation.reconcile(Integer.MAX_VALUE);
        var pod = simulation.pods.getFirst();
        pod.getSpec().nodeName("node1");
        return pod.status(new V1PodStatus().phase("Pending"));
    }

    private static Condition podReady(Plan plan) {
        return Conditions.find(plan.status().conditions(), Conditions.POD_READY).orElseThrow();
    }
}
