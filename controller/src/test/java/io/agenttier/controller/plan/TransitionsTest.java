package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.PowerState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class TransitionsTest {
    private final Simulation simulation = new Simulation(Fixtures.spec());
    private final List<String> events = new ArrayList<>();

    TransitionsTest() {
        simulation.statusWritten =
                (before, after) -> Transitions.between(before, after).forEach(n -> events.add(n.reason()));
    }

    @Test
    void lifeOfASandboxIsTold() {
        simulation.settle();
        simulation.power(PowerState.STOPPED);
        simulation.settle();
        simulation.power(PowerState.RUNNING);
        simulation.settle();
        assertThat(events).containsExactly("Creating", "Running", "Stopped", "Resumed");
    }

    @Test
    void restartsAndErrorsAreWarnings() {
        simulation.settle();
        simulation.end(137, "OOMKilled", null);
        simulation.settle();
        simulation.passRetryWait();
        simulation.settle();
        simulation.end(9, "Error", CrashTest.record("CommandExited", 9));
        simulation.settle();
        assertThat(events)
                .containsExactly("Creating", "Running", "Restarting", "AutoRestarted", "Running", "ApplicationError");
    }

    @Test
    void statusThatDidNotChangeTellsNothing() {
        simulation.settle();
        assertThat(Transitions.between(simulation.sandbox.status(), simulation.sandbox.status()))
                .isEmpty();
    }
}
