package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2026-01-01T12:00:00Z");

    @Test
    void theTransitionTimeStaysWhileTheStatusIsTheSame() {
        var first = Conditions.with(List.of(), condition(Condition.FALSE, Reasons.SCHEDULING, NOON));
        var second = Conditions.with(first, condition(Condition.FALSE, Reasons.PULLING_IMAGE, NOON.plusMinutes(1)));
        assertThat(second).containsExactly(condition(Condition.FALSE, Reasons.PULLING_IMAGE, NOON));
        var third = Conditions.with(second, condition(Condition.TRUE, Reasons.POD_READY, NOON.plusMinutes(2)));
        assertThat(third).containsExactly(condition(Condition.TRUE, Reasons.POD_READY, NOON.plusMinutes(2)));
    }

    @Test
    void otherConditionsKeepTheirPlace() {
        var ready = new Condition(Conditions.READY, Condition.UNKNOWN, 1L, NOON, Reasons.STARTING, "");
        var both = Conditions.with(List.of(ready), condition(Condition.TRUE, Reasons.POD_READY, NOON));
        assertThat(both).extracting(Condition::type).containsExactly(Conditions.READY, Conditions.POD_READY);
        assertThat(Conditions.hold(both, Conditions.POD_READY)).isTrue();
        assertThat(Conditions.hold(both, Conditions.READY)).isFalse();
        assertThat(Conditions.hold(both, Conditions.CONFIGURED)).isFalse();
    }

    private static Condition condition(String status, String reason, OffsetDateTime since) {
        return new Condition(Conditions.POD_READY, status, 1L, since, reason, "");
    }
}
