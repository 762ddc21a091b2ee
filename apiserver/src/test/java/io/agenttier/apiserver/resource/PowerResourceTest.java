package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerResourceTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00.123456Z");

    private final FakeSandboxes sandboxes = new FakeSandboxes();
    private final List<String> written = new ArrayList<>();
    private final Power power = new Power() {
        @Override
        public void stop(SandboxState state, String by) {
            written.add("Stopped by " + by);
        }

        @Override
        public void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume) {
            written.add("Running by %s at %s%s".formatted(by, startRequestedAt, newVolume ? " on a new volume" : ""));
        }
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "ok",
            value = {
                "stop|Running|ok",
                "stop|Error|ok",
                "stop|Stopped|sandbox \"web\" is Stopped, stop needs Running or Error: nothing is to be done, \"kubectl sandbox resume web\" starts it",
                "stop|Creating|sandbox \"web\" is Creating, stop needs Running or Error: run \"kubectl wait --for=condition=Ready sandbox/web\" first, or set spec.powerState to Stopped, which has no wrong moment",
                "resume|Stopped|ok",
                "resume|Error|ok",
                "resume|Running|sandbox \"web\" is Running, resume needs Stopped or Error: nothing is to be done, \"kubectl sandbox stop web\" stops it",
                "resume|Creating|sandbox \"web\" is Creating, resume needs Stopped or Error: it is starting already, run \"kubectl wait --for=condition=Ready sandbox/web\"",
            })
    void needsTheRightPhase(String call, String phase, String message) throws IOException {
        sandboxes.live(FakeSandboxes.state(phase));
        if (message != null) {
            assertThatThrownBy(() -> serve(call, ""))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Conflict.class))
                    .hasMessage(message);
            assertThat(written).isEmpty();
            return;
        }
        var exchange = serve(call, "");
        assertThat(exchange.status()).isEqualTo(200);
        assertThat(exchange.text())
                .isEqualTo(
                        "{\"kind\":\"SandboxPowerResponse\",\"apiVersion\":\"agenttier.io/subresources-v1alpha1\",\"status\":\"%s\"}"
                                .formatted(call.equals("stop") ? "stopping" : "resuming"));
        assertThat(written)
                .containsExactly(
                        call.equals("stop") ? "Stopped by alice" : "Running by alice at 2026-01-01T12:00:00.123Z");
    }

    @Test
    void doesNotFindWhatIsNotThere() {
        assertThatThrownBy(() -> serve("stop", ""))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.NotFound.class));
    }

    @Test
    void refusesASandboxThatIsBeingDeleted() {
        sandboxes.live(new SandboxState("team1", "web", "u", "Running", true, null, List.of()));
        assertThatThrownBy(() -> serve("stop", "")).hasMessageContaining("is Deleting");
    }

    @Test
    void asksForTheStartAfterTheLastStopEvenIfOurClockIsBehind() {
        for (var stoppedAt : List.of(NOW, NOW.plus(Duration.ofMinutes(3)), NOW.minusNanos(1), NOW.minusSeconds(5))) {
            var state = new SandboxState("team1", "web", "u", "Stopped", false, stoppedAt, List.of());
            assertThat(PowerRules.startRequestedAt(state, NOW)).isAfter(stoppedAt);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "{}", "{\"kind\":\"SandboxPowerRequest\"}"})
    void takesABodyThatSaysNothing(String body) throws IOException {
        sandboxes.live(FakeSandboxes.state("Running"));
        assertThat(serve("stop", body).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"force\":true}", "stop", "[]"})
    void refusesABodyItWouldIgnore(String body) {
        sandboxes.live(FakeSandboxes.state("Running"));
        assertThatThrownBy(() -> serve("stop", body))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.BadRequest.class));
        assertThat(written).isEmpty();
    }

    private FakeExchange serve(String call, String body) throws IOException {
        var direction = call.equals("stop") ? PowerResource.Direction.STOP : PowerResource.Direction.RESUME;
        var exchange = FakeExchange.with(body);
        new PowerResource(direction, sandboxes, power, () -> NOW)
                .serve(Calls.post(call).call(), exchange);
        return exchange;
    }
}
