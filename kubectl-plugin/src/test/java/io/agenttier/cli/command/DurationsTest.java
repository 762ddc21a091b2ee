package io.agenttier.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1ms, 1, 1", "90s, 90000, 90", "1h30m, 5400000, 5400", "1.5s, 1500, 2", "0.1m, 6000, 6"})
    void readsWhatKubectlReads(String text, long millis, long seconds) throws Exception {
        var duration = Durations.parse("--timeout", text);
        assertThat(duration).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.seconds(duration)).isEqualTo(seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3", "-1s", "s", "1d", "1s ", "99999999h", "1e3s", "1.s"})
    void refusesOthers(String text) {
        assertThatThrownBy(() -> Durations.parse("--timeout", text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--timeout \"%s\" is no duration".formatted(text));
    }
}
