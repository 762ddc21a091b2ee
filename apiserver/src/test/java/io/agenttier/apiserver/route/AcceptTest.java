package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptTest {
    private static final List<String> OFFERS = List.of("application/json", "text/event-stream", "application/yaml");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | application/json",
                "application/* | application/json",
                "text/* | text/event-stream",
                "application/yaml | application/yaml",
                "application/json;q=0.5, text/event-stream | text/event-stream",
                "application/json, text/event-stream | application/json",
                "application/vnd.kubernetes.protobuf, application/json | application/json",
                "Application/JSON; charset=utf-8 | application/json",
                "application/json;q=0, text/event-stream;q=0.1 | text/event-stream",
            })
    void choosesWhatTheClientLikesBest(String accept, String choice) {
        assertThat(Accept.choose(List.of(accept), OFFERS)).contains(choice);
    }

    @Test
    void takesTheFirstOfferWithoutAHeader() {
        assertThat(Accept.choose(List.of(), OFFERS)).contains("application/json");
        assertThat(Accept.choose(List.of(""), OFFERS)).contains("application/json");
    }

    @Test
    void findsNothingForOthers() {
        assertThat(Accept.choose(List.of("application/vnd.kubernetes.protobuf"), OFFERS))
                .isEmpty();
        assertThat(Accept.choose(List.of("application/json;q=0"), OFFERS)).isEmpty();
    }
}
