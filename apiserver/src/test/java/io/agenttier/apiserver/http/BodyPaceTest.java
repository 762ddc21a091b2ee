package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BodyPaceTest {
    private static final Duration STALL = Duration.ofSeconds(60);

    @Test
    void waitsForEachByteForTheStallAndForAllOfThemNoLongerThanThePaceAllows() {
        var pace = new BodyPace(STALL, 1000);
        assertThat(pace.patience(0, Duration.ZERO)).isEqualTo(STALL);
        assertThat(pace.patience(0, Duration.ofSeconds(59))).isEqualTo(Duration.ofSeconds(1));
        assertThat(pace.patience(10_000, Duration.ofSeconds(59))).isEqualTo(Duration.ofSeconds(11));
        assertThat(pace.patience(10_000, Duration.ofSeconds(70))).isZero();
        assertThat(pace.patience(9_999, Duration.ofSeconds(70))).isNegative();
        assertThat(pace.patience(1_000_000, Duration.ofSeconds(70))).isEqualTo(STALL);
    }

    @Test
    void waitsForeverWhereNoPaceIsSetAsLongAsSomethingComes() {
        assertThat(new BodyPace(STALL, 0).patience(1, Duration.ofDays(1))).isEqualTo(STALL);
    }
}
