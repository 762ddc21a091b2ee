package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0,PT0S",
        "0s,PT0S",
        "24h,PT24H",
        "1h30m,PT1H30M",
        "1.5s,PT1.5S",
        "90m,PT1H30M",
        "250ms,PT0.25S",
        "3us,PT0.000003S",
        "3µs,PT0.000003S",
        "7ns,PT0.000000007S",
        "0.9ns,PT0S",
        "1m1m,PT2M"
    })
    void readsWhatGoWrites(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1d",
                "-1h",
                "1 h",
                "h",
                ".5h",
                "1.h",
                "1h ",
                "١h",
                "P1D",
                "2562048h",
                "99999999999999999999h"
            })
    void refusesEverythingElse(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    @Test
    void refusesTextsLongerThanTheSchemaAllows() {
        assertThat(GoDuration.parse("1s".repeat(32))).isPresent();
        assertThat(GoDuration.parse("1s".repeat(32) + "1s")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT0S,0", "PT90S,1m30s", "PT25H,25h", "PT0.25S,250000000ns"})
    void writesTheLargestUnitsFirst(Duration duration, String expected) {
        assertThat(GoDuration.format(duration)).isEqualTo(expected);
        assertThat(GoDuration.parse(expected)).contains(duration);
    }

    @Test
    void doesNotWriteNegativeDurations() {
        assertThatThrownBy(() -> GoDuration.format(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
    }

    @Test
    void acceptsTheSyntaxOfTheSchema() {
        assertThat(CrdFile.SANDBOX.schema("spec", "timeout"))
                .containsEntry("pattern", "^(" + GoDuration.SYNTAX.pattern() + ")$");
    }
}
