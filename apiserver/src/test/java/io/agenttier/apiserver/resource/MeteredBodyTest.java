package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeteredBodyTest {
    private static final int MIB = 1 << 20;

    @Test
    void aSmallBodyCostsNothingHoweverItIsSent() throws IOException {
        try (var memory = new MemoryBudget(0, Duration.ZERO, () -> {}).share()) {
            assertThat(body(64 * 1024, memory).readAllBytes()).hasSize(64 * 1024);
        }
    }

    @Test
    void aLargeBodyTakesWhatItNeedsAndNoMore() throws IOException {
        var budget = new MemoryBudget(7 * MIB, Duration.ZERO, () -> {});
        try (var memory = budget.share()) {
            assertThat(body(MIB, memory).readAllBytes()).hasSize(MIB);
            try (var second = budget.share()) {
                assertThatThrownBy(() -> body(MIB, second).readAllBytes())
                        .isInstanceOfSatisfying(
                                ApiException.class,
                                e -> assertThat(e.error())
                                        .isInstanceOfSatisfying(
                                                ApiError.TooManyRequests.class,
                                                busy -> assertThat(busy.message())
                                                        .contains("\"web\"")));
            }
        }
        try (var memory = budget.share()) {
            assertThat(body(MIB, memory).readAllBytes())
                    .as("given back when the first was done")
                    .hasSize(MIB);
        }
    }

    private static MeteredBody body(int bytes, MemoryBudget.Share memory) {
        return new MeteredBody(new ByteArrayInputStream(new byte[bytes]), memory, "web");
    }
}
