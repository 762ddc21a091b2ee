package io.agenttier.api;

import static io.agenttier.api.PowerState.RUNNING;
import static io.agenttier.api.PowerState.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhaseTest {
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2026-01-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        // deleted, failed, stop wanted, pod left, been ready
        "true,  true,  true,  true,  true,  DELETING",
        "false, true,  true,  true,  true,  ERROR",
        "false, true,  false, false, false, ERROR",
        "false, false, true,  false, false, STOPPED",
        "false, false, true,  true,  true,  RUNNING",
        "false, false, true,  true,  false, CREATING",
        "false, false, false, true,  true,  RUNNING",
        "false, false, false, true,  false, CREATING",
        "false, false, false, false, false, CREATING",
        "false, false, false, false, true,  CREATING",
    })
    void theFirstFactThatFitsDecides(
            boolean deleted, boolean failed, boolean stop, boolean pod, boolean ready, Phase phase) {
        assertThat(Phase.of(new Phase.Facts(deleted, failed, stop, pod, ready))).isEqualTo(phase);
    }

    @Test
    void aFailureLastsUntilAStartIsRequestedAfterIt() {
        var failure = new Stopped(NOON, Reasons.IMAGE_PULL_FAILED, null);
        assertThat(Phase.failedForGood(failure, null, RUNNING)).isTrue();
        assertThat(Phase.failedForGood(failure, NOON, RUNNING)).isTrue();
        assertThat(Phase.failedForGood(failure, NOON.plusSeconds(1), RUNNING)).isFalse();
        assertThat(Phase.failedForGood(null, null, RUNNING)).isFalse();
    }

    @Test
    void aPlannedStopIsNoFailure() {
        for (var reason : new String[] {"Requested", "IdleTimeout", "MaxRuntimeReached", "ShutdownTime"}) {
            assertThat(Phase.failedForGood(new Stopped(NOON, reason, null), null, STOPPED))
                    .isFalse();
        }
    }

    @Test
    void anApplicationThatEndedFailedUnlessStoppedIsWanted() {
        var ended = new Stopped(NOON, StopReason.APPLICATION_EXITED, null);
        assertThat(Phase.failedForGood(ended, null, RUNNING)).isTrue();
        assertThat(Phase.failedForGood(ended, null, STOPPED)).isFalse();
    }

    @Test
    void theWordsAreThoseOfTheSchema() {
        for (var phase : Phase.values()) assertThat(Phase.parse(phase.wire())).contains(phase);
        var words = Stream.of(Phase.values()).map(Phase::wire).toList();
        assertThat(CrdFile.SANDBOX.schema("status", "phase")).containsEntry("enum", words);
    }
}
