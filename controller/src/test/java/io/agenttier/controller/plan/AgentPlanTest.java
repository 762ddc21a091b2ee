package io.agenttier.controller.plan;

import static io.agenttier.controller.plan.Fixtures.FRESH;
import static io.agenttier.controller.plan.Fixtures.SETTINGS;
import static io.agenttier.controller.plan.Fixtures.T0;
import static io.agenttier.controller.plan.Fixtures.sandbox;
import static io.agenttier.controller.plan.Fixtures.spec;
import static io.agenttier.controller.plan.Fixtures.world;
import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Agent;
import io.agenttier.api.AgentConfigure;
import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.PowerState;
import io.agenttier.api.merge.TemplateChain;
import io.kubernetes.client.openapi.JSON;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What the status of a sandbox says of its agent. */
@NullUnmarked
class AgentPlanTest {
    private final Simulation simulation = new Simulation(spec("{\"templateRef\":{\"name\":\"t\"},\"mode\":\"agent\"}"));

    AgentPlanTest() {
        simulation.templates = chain("{\"image\":{\"repository\":\"i\"}}");
    }

    @Test
    void theContractStandsInStatusFromTheFirstWriteOn() {
        var asked = spec("""
                {"mode":"agent","templateRef":{"name":"t"},"harness":{"agent":{"env":[{"name":"A","value":"1"}]}}}""");
        var chain = chain("""
                {"image":{"repository":"i"},"harness":{"agent":{"entrypoint":["run"],"env":[{"name":"A","value":"0"},{"name":"B"}]}}}""");
        var agent = SandboxPlan.of(world(sandbox(asked, null), chain), T0, FRESH, SETTINGS)
                .status()
                .resolvedAgentSpec();
        assertThat(agent.entrypoint()).containsExactly("run");
        assertThat(agent.env()).extracting(v -> v.name() + "=" + v.value()).containsExactly("A=1", "B=null");
    }

    @Test
    void aContractOfWhichNoLayerSaysAnythingIsEmptyAndCodeModeHasNone() {
        simulation.settle();
        assertThat(simulation.sandbox.status().resolvedAgentSpec()).isEqualTo(Agent.EMPTY);
        var code = new Simulation(spec("""
                {"image":{"repository":"i"},"harness":{"agent":{"entrypoint":["run"]}}}"""));
        code.settle();
        assertThat(code.sandbox.status().resolvedAgentSpec()).isNull();
        assertThat(configured(code)).isEmpty();
    }

    @Test
    void anEditedTemplateReachesTheContractAtTheNextStart() {
        simulation.settle();
        simulation.templates =
                chain("{\"image\":{\"repository\":\"i\"},\"harness\":{\"agent\":{\"entrypoint\":[\"run\"]}}}");
        simulation.settle();
        assertThat(simulation.sandbox.status().resolvedAgentSpec()).isEqualTo(Agent.EMPTY);
        assertThat(configured(simulation)).contains("NotConfigured");
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(simulation.sandbox.status().resolvedAgentSpec().entrypoint()).containsExactly("run");
        assertThat(configured(simulation)).contains("Configured");
    }

    @Test
    void whatWasConfiguredIsToldWhileNothingElseChangesWhateverThePhase() {
        simulation.settle();
        assertThat(simulation.reconcile(Integer.MAX_VALUE)).as("at rest").isTrue();
        configure("{\"installExitCode\":3}");
        assertThat(configured(simulation)).contains("InstallFailed");
        configure("{\"lastConfiguredAt\":\"2026-01-01T00:00:00Z\",\"installExitCode\":0}");
        assertThat(configured(simulation)).contains("Configured");

        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(configured(simulation)).as("stopped").contains("Configured");
        configure("{\"installExitCode\":3}");
        assertThat(configured(simulation)).as("stopped").contains("InstallFailed");
    }

    @Test
    void aPlanTakesOverWhatTheApiserverWrote() {
        simulation.settle();
        configure(
                "{\"lastConfiguredAt\":\"2026-01-01T00:00:00Z\",\"entrypoint\":[\"run\"],\"incarnation\":\"0a1b2c3d\"}");
        var written = simulation.sandbox.status().agentConfigure();
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        assertThat(simulation.sandbox.status().agentConfigure()).isEqualTo(written);
    }

    @Test
    void theConditionComesWithTheWritesThatAStartTakesAnyway() {
        var writes = new int[1];
        simulation.statusWritten = (_, _) -> writes[0]++;
        simulation.settle();
        assertThat(writes[0]).isEqualTo(2);
    }

    private void configure(String json) {
        simulation.status(simulation
                .sandbox
                .status()
                .toDraft()
                .agentConfigure(JSON.getGson().fromJson(json, AgentConfigure.class))
                .build());
        simulation.reconcile(Integer.MAX_VALUE);
    }

    private static Optional<String> configured(Simulation simulation) {
        return Conditions.find(simulation.sandbox.status().conditions(), Conditions.CONFIGURED)
                .map(Condition::reason);
    }

    private static TemplateChain chain(String template) {
        return TemplatePlanTest.chain(TemplatePlanTest.namespaced("team1", "t", "7", template));
    }
}
