package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.sandboxd.Endpoint;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReachTest {
    private static final SandboxState.Pod READY = new SandboxState.Pod("web-pod", "10.0.0.7", "0a1b2c3d", true, false);

    @Test
    void isAtTheReadyPodWhateverTheStatusSays() {
        assertThat(reach(state("Creating", READY))).isEqualTo(new Reach.At(new Endpoint("10.0.0.7", 9000, "0a1b2c3d")));
    }

    @Test
    void isNotFoundWithoutASandbox() {
        var reach = Reach.of(Optional.empty(), "team1", "web", 9000, Use.of("exec"));
        assertThat(error(reach)).isInstanceOf(ApiError.NotFound.class);
        assertThat(error(reach).message()).isEqualTo("sandboxes.agenttier.io \"web\" not found in namespace \"team1\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Stopped|sandbox \"web\" is Stopped, exec needs Running: run \"kubectl sandbox resume web\"",
                "Creating|sandbox \"web\" is Creating, exec needs Running: run \"kubectl wait --for=condition=Ready sandbox/web\"",
                "Error|sandbox \"web\" is Error, exec needs Running: see status.message of the sandbox, then run \"kubectl sandbox resume web\"",
                "Running|sandbox \"web\" is Running but its pod is not ready, exec needs Running: it is stopping or being restarted; run \"kubectl wait --for=condition=Ready sandbox/web\"",
                "Deleting|sandbox \"web\" is Deleting, exec needs Running: it cannot be used any more",
            })
    void namesThePhaseAndTheCallThatHelps(String phase, String message) {
        assertThat(error(reach(state(phase)))).isEqualTo(new ApiError.Conflict("sandboxes", "web", message));
    }

    @Test
    void refusesPodsThatAreNotReadyTerminatingOrWithoutAddressOrIncarnation() {
        for (var pod : List.of(
                new SandboxState.Pod("p", "10.0.0.7", "0a1b2c3d", false, false),
                new SandboxState.Pod("p", "10.0.0.7", "0a1b2c3d", true, true),
                new SandboxState.Pod("p", "", "0a1b2c3d", true, false),
                new SandboxState.Pod("p", "10.0.0.7", "", true, false),
                new SandboxState.Pod("p", "10.0.0.7", "evil.example", true, false))) {
            assertThat(error(reach(state("Running", pod)))).isInstanceOf(ApiError.Conflict.class);
        }
    }

    @Test
    void refusesASandboxThatIsBeingDeletedEvenIfItsPodLives() {
        var deleting = new SandboxState("team1", "web", "u", "Running", true, null, List.of(READY));
        assertThat(error(reach(deleting)).message()).contains("is Deleting");
    }

    @Test
    void servesAHandleOfThePresentIncarnationOnly() {
        var present = ProcessRef.parse("exec-0a1b2c3d0123456789abcdef").orElseThrow();
        var earlier = ProcessRef.parse("ffffffff.build").orElseThrow();
        var bare = ProcessRef.parse("build").orElseThrow();
        var state = Optional.of(state("Running", READY));
        assertThat(Reach.of(state, "team1", "web", 9000, Use.of("log", present)))
                .isInstanceOf(Reach.At.class);
        assertThat(Reach.of(state, "team1", "web", 9000, Use.of("log", bare))).isInstanceOf(Reach.At.class);
        assertThat(error(Reach.of(state, "team1", "web", 9000, Use.of("log", earlier))))
                .isInstanceOf(ApiError.Gone.class);
    }

    @Test
    void isGoneForAHandleOfAStoppedSandbox() {
        var handle = ProcessRef.parse("exec-0a1b2c3d0123456789abcdef").orElseThrow();
        assertThat(error(Reach.of(Optional.of(state("Stopped")), "team1", "web", 9000, Use.of("log", handle))))
                .isInstanceOf(ApiError.Gone.class);
    }

    @Test
    void isNotGoneWhileThePodOfAHandleIsOnlyNotReady() {
        var handle = ProcessRef.parse("exec-0a1b2c3d0123456789abcdef").orElseThrow();
        var pod = new SandboxState.Pod("p", "10.0.0.7", "0a1b2c3d", false, false);
        assertThat(error(Reach.of(Optional.of(state("Running", pod)), "team1", "web", 9000, Use.of("log", handle))))
                .isInstanceOf(ApiError.Conflict.class);
    }

    private static Reach reach(SandboxState state) {
        return Reach.of(Optional.of(state), "team1", "web", 9000, Use.of("exec"));
    }

    private static SandboxState state(String phase, SandboxState.Pod... pods) {
        return FakeSandboxes.state(phase, pods);
    }

    private static ApiError error(Reach reach) {
        return ((Reach.Refused) reach).error();
    }
}
