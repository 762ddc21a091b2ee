package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeTest {
    static Stream<Arguments> table() {
        return Stream.of(
                row(new ExitRecord.Exited(0), "completed", 0, null),
                row(new ExitRecord.Exited(255), "completed", 255, null),
                row(new ExitRecord.Signaled("KILL", 9), "signaled", 137, "KILL"),
                row(new ExitRecord.Signaled("TERM", 15), "signaled", 143, "TERM"),
                row(new ExitRecord.NotStarted(127, "no such program"), "error", 127, null),
                row(new ExitRecord.NotStarted(126, "not executable"), "error", 126, null),
                row(new ExitRecord.NotStarted(-1, "no such directory"), "error", -1, null),
                row(new ExitRecord.TimedOut(Duration.ofSeconds(1)), "timeout", -1, null),
                row(new ExitRecord.Canceled("bob"), "canceled", -1, null),
                row(new ExitRecord.OutOfMemory(), "oom", 137, "KILL"),
                row(new ExitRecord.Lost("the node is gone"), "lost", null, null));
    }

    @ParameterizedTest
    @MethodSource("table")
    void showsEveryRecordAsTheTableSays(
            ExitRecord record, String reason, @Nullable Integer exitCode, @Nullable String signal) {
        var outcome = Outcome.of(new Exit(record, Instant.EPOCH, 7L));
        assertThat(outcome.reason()).isEqualTo(reason);
        assertThat(outcome.exitCode()).isEqualTo(exitCode);
        assertThat(outcome.signal()).isEqualTo(signal);
        assertThat(outcome.timedOut()).isEqualTo(reason.equals("timeout"));
    }

    private static Arguments row(
            ExitRecord record, String reason, @Nullable Integer exitCode, @Nullable String signal) {
        return Arguments.of(record, reason, exitCode, signal);
    }
}
