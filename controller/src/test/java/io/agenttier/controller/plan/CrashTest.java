package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Labels;
import io.agenttier.api.PowerState;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens, and wherever the controller stops, the next plans mend it. {@link Simulation} checks the order of things on the way. */
@NullUnmarked
class CrashTest {
    @Test
    void crashAfterAnyWriteOfAStartIsMended() {
        for (var writes = 0; writes < 12; writes++) {
            var simulation = new Simulation(Fixtures.spec());
            simulation.reconcile(writes);
            simulation.settle();
            isRunning(simulation);
        }
    }

    @Test
    void crashAfterAnyWriteOfAStopIsMended() {
        for (var writes = 0; writes < 8; writes++) {
            var simulation = new Simulation(Fixtures.spec());
            simulation.settle();
            simulation.power(PowerState.STOPPED);
            simulation.reconcile(writes);
            simulation.settle();
            isStopped(simulation);
        }
    }

    @Test
    void crashAfterAnyWriteOfARestartIsMendedAndCountsOnce() {
        for (var writes = 0; writes < 8; writes++) {
            var simulation = new Simulation(Fixtures.spec());
            simulation.settle();
            simulation.end(137, "OOMKilled", "");
            simulation.reconcile(writes);
            simulation.settle();
            simulation.passRetryWait();
            simulation.settle();
            isRunning(simulation);
            assertThat(simulation.sandbox.status().restartCount()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void randomEventsAndCrashesEndWhereTheyShould(long seed) {
        var random = new Random(seed);
        for (var run = 0; run < 60; run++) {
            var simulation = new Simulation(Fixtures.spec());
            for (var event = 0; event < 12; event++) {
                disturb(simulation, random);
                simulation.reconcile(random.nextInt(6));
                if (random.nextBoolean()) {
                    simulation.clusterMoves();
                }
            }
            simulation.power(PowerState.STOPPED);
            simulation.settle();
            isStopped(simulation);
            simulation.power(PowerState.RUNNING);
            simulation.settle();
            isRunning(simulation);
        }
    }

    @Test
    void applyingTwiceChangesNothing() {
        var simulation = new Simulation(Fixtures.spec());
        simulation.settle();
        var status = simulation.sandbox.status();
        assertThat(simulation.reconcile(0)).isTrue();
        assertThat(simulation.sandbox.status()).isEqualTo(status);
    }

    private static void disturb(Simulation simulation, Random random) {
        switch (random.nextInt(9)) {
            case 0 -> simulation.end(137, "OOMKilled", "");
            case 1 -> simulation.end(0, "Completed", record("CommandExited", 0));
            case 2 -> simulation.end(3, "Error", record("CommandExited", 3));
            case 3 -> simulation.end(2, "Error", "panic");
            case 4 -> simulation.pods.clear();
            case 5 -> simulation.power(PowerState.STOPPED);
            case 6 -> simulation.power(PowerState.RUNNING);
            case 7 -> simulation.policy = null;
            default -> simulation.passRetryWait();
        }
    }

    private static void isRunning(Simulation simulation) {
        var status = simulation.sandbox.status();
        assertThat(status.phase()).isEqualTo("Running");
        assertThat(simulation.pods).hasSize(1);
        var incarnation = simulation.pods.getFirst().getMetadata().getLabels().get(Labels.INCARNATION);
        assertThat(status.incarnation()).isEqualTo(incarnation);
        assertThat(simulation.secrets).containsExactly(incarnation);
        assertThat(simulation.policy).isNotNull();
        assertThat(simulation.defaultDeny).isNotNull();
        assertThat(status.conditions()).allMatch(c -> c.holds());
    }

    private static void isStopped(Simulation simulation) {
        assertThat(simulation.sandbox.status().phase()).isEqualTo("Stopped");
        assertThat(simulation.pods).isEmpty();
        assertThat(simulation.secrets).as("no key outlives its pod").isEmpty();
        assertThat(simulation.sandbox.status().incarnation()).isNull();
    }

    static String record(String reason, int code) {
        return "{\"sandboxd\":1,\"reason\":\"" + reason + "\",\"code\":" + code + ",\"signal\":\"\",\"message\":\"m\"}";
    }
}
