package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimCondition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class GrowthTest {
    private final Simulation simulation = new Simulation(sized("1Gi"));

    @Test
    void aLargerSizeRaisesTheClaimOfARunningSandboxAndTellsUntilTheVolumeHasIt() {
        simulation.settle();
        grow();
        simulation.settle();
        assertThat(simulation.claim.getSpec().getResources().getRequests().get("storage"))
                .isEqualTo(new Quantity("2Gi"));
        assertThat(storage(simulation.sandbox.status()).reason()).isEqualTo(Reasons.EXPANDING);
        assertThat(storage(simulation.sandbox.status()).message()).isEqualTo("the volume has 1Gi and is to have 2Gi");

        simulation
                .claim
                .getStatus()
                .conditions(List.of(new V1PersistentVolumeClaimCondition()
                        .type("ControllerResizeError")
                        .status("True")
                        .message("the disk is full")));
        simulation.settle();
        assertThat(storage(simulation.sandbox.status()).reason()).isEqualTo(Reasons.PROVISIONING_FAILED);
        assertThat(storage(simulation.sandbox.status()).message())
                .endsWith("the claim says ControllerResizeError the disk is full");

        simulation.claim.getStatus().conditions(List.of()).capacity(Map.of("storage", new Quantity("2Gi")));
        simulation.settle();
        assertThat(storage(simulation.sandbox.status()).holds()).isTrue();
    }

    @Test
    void aRefusedGrowthIsToldOnceAndTheSandboxGoesOn() {
        simulation.settle();
        grow();
        var refused = SandboxPlan.of(
                simulation
                        .world()
                        .stoppedBy(new Obstacle(
                                ResourceKind.VOLUME_CLAIM, "hello-workspace", false, "the class must support resize")),
                simulation.now,
                FRESH,
                SETTINGS);
        assertThat(storage(refused.status()).reason()).isEqualTo(Reasons.PROVISIONING_FAILED);
        assertThat(storage(refused.status()).message())
                .isEqualTo("the volume does not grow to 2Gi: the class must support resize");
        assertThat(refused.status().phase()).isEqualTo("Running");

        simulation.status(refused.status());
        var again = SandboxPlan.of(simulation.world(), simulation.now.plusSeconds(9), FRESH, SETTINGS);
        assertThat(again.status()).as("no write between two tries").isEqualTo(refused.status());
        assertThat(again.stages().toString()).contains("GrowClaim");
    }

    @Test
    void noStartWaitsForAGrowth() {
        simulation.settle();
        simulation.power(io.agenttier.api.PowerState.STOPPED);
        simulation.settle();
        // which asks for the usual 10Gi
        simulation.spec(Fixtures.spec("{\"image\":{\"repository\":\"i\"},\"powerState\":\"Stopped\"}"));
        simulation.power(io.agenttier.api.PowerState.RUNNING);
        for (var round = 0; round < 9; round++) {
            var plan = SandboxPlan.of(simulation.world(), simulation.now, FRESH, SETTINGS);
            if (plan.stages().toString().contains("GrowClaim")) {
                assertThat(plan.stages().getLast().toString()).contains("GrowClaim", "hello-pod");
                return;
            }
            simulation.reconcile(1);
        }
        throw new AssertionError("nothing grows: " + simulation.sandbox.status());
    }

    private void grow() {
        simulation.spec(sized("2Gi"));
    }

    private static Condition storage(SandboxStatus status) {
        return Conditions.find(status.conditions(), Conditions.STORAGE_READY).orElseThrow();
    }

    private static io.agenttier.api.SandboxSpec sized(String size) {
        return Fixtures.spec("{\"image\": {\"repository\": \"i\"}, \"storage\": {\"size\": \"" + size + "\"}}");
    }
}
