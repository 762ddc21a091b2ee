package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "2,2",
        "500m,0.5",
        "1.5,1.5",
        ".5,0.5",
        "5.,5",
        "2Gi,2147483648",
        "1Ki,1024",
        "1k,1000",
        "1e3,1000",
        "1E3,1000",
        "1E,1000000000000000000",
        "1e-3,0.001",
        "100n,0.0000001"
    })
    void readsWhatKubernetesReads(String text, BigDecimal expected) {
        assertThat(Quantity.parse(text))
                .hasValueSatisfying(q -> assertThat(q.value()).isEqualByComparingTo(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "x", "10GB", "1 Gi", "1e", "1e400", "1Gi5", ".", "1ki"})
    void refusesEverythingElse(String text) {
        assertThat(Quantity.parse(text)).isEmpty();
    }

    @Test
    void comparesValuesAndNotTexts() {
        assertThat(quantity("1000m")).isEqualByComparingTo(quantity("1"));
        assertThat(quantity("1Gi")).isGreaterThan(quantity("1G"));
    }

    @Test
    void roundsUpToWholeUnitsAndStopsAtTheLargestLong() {
        assertThat(quantity("1500m").roundedUp()).isEqualTo(2);
        assertThat(quantity("1e99").roundedUp()).isEqualTo(Long.MAX_VALUE);
    }

    private static Quantity quantity(String text) {
        return Quantity.parse(text).orElseThrow();
    }
}
