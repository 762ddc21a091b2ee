package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final TokenBucket.Rate RATE = new TokenBucket.Rate(10, 3);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static TokenBucket empty() {
        return new TokenBucket(0, NOW);
    }

    @Test
    void beginsWithABurst() {
        var bucket = TokenBucket.full(RATE, NOW);
        for (int i = 0; i < 3; i++) {
            assertThat(bucket.hasOne()).isTrue();
            bucket = bucket.withoutOne();
        }
        assertThat(bucket.hasOne()).isFalse();
        assertThat(bucket.untilOne(RATE)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void fillsWithTimeAndNotBeyondTheBurst() {
        assertThat(empty().at(NOW.plusMillis(99), RATE).hasOne()).isFalse();
        assertThat(empty().at(NOW.plusMillis(100), RATE).hasOne()).isTrue();
        assertThat(empty().at(NOW.plusMillis(250), RATE).tokens()).isEqualTo(2.5);
        assertThat(empty().at(NOW.plusSeconds(60), RATE).tokens()).isEqualTo(3);
    }

    @Test
    void losesNothingByBeingAskedOften() {
        var bucket = empty();
        for (int i = 1; i <= 1000; i++) {
            bucket = bucket.at(NOW.plusNanos(i * 100_000L), RATE);
        }
        assertThat(bucket.tokens()).isBetween(0.999, 1.001);
    }

    @Test
    void staysAsItIsWhereTheClockGoesBack() {
        var bucket = new TokenBucket(2, NOW).at(NOW.minusSeconds(10), RATE);
        assertThat(bucket.tokens()).isEqualTo(2);
        assertThat(bucket.at(NOW.minusSeconds(9), RATE).tokens()).isEqualTo(3);
    }

    @Test
    void saysHowLongUntilTheNext() {
        assertThat(new TokenBucket(0.5, NOW).untilOne(RATE)).isEqualTo(Duration.ofMillis(50));
        assertThat(new TokenBucket(1, NOW).untilOne(RATE)).isZero();
    }
}
