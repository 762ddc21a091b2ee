package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetryTest {
    private final List<Duration> waits = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final Retry retry = new Retry(new Random(1), this::pause, () -> now);

    private void pause(Duration time) {
        waits.add(time);
        now = now.plus(time);
    }

    @Test
    void triesFiveTimesWithGrowingWaitsWithinTenSeconds() {
        var tries = new AtomicInteger();
        assertThatThrownBy(() -> retry.ask(() -> {
                    throw new IOException("try " + tries.incrementAndGet());
                }))
                .hasMessage("try 5");
        var total = Duration.ZERO;
        double least = 500;
        for (var wait : waits) {
            assertThat((double) wait.toMillis()).isBetween(least - 1, least * 1.2 + 1);
            least *= 1.5;
            total = total.plus(wait);
        }
        assertThat(waits).hasSize(4);
        assertThat(total).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void beginsNoTryAfterTenSecondsHoweverLongTheOthersTook() {
        var tries = new AtomicInteger();
        assertThatThrownBy(() -> retry.ask(() -> {
                    now = now.plusSeconds(9);
                    throw new IOException("try " + tries.incrementAndGet());
                }))
                .hasMessage("try 2");
    }

    @Test
    void stopsAtTheFirstAnswer() throws Exception {
        assertThat(retry.ask(() -> "answer")).isEqualTo("answer");
        assertThat(waits).isEmpty();
    }
}
