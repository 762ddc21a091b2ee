package io.agenttier.apiserver.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.error.Status;
import io.agenttier.apiserver.sandboxd.FakeSandboxd;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoResumeTest {
    private static final Instant STOPPED = Instant.parse("2026-01-01T12:00:00Z");

    private final FakeSandboxes sandboxes = new FakeSandboxes();
    private final List<String> written = new ArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(STOPPED.plusSeconds(60));
    private boolean mayResume = true;
    private final Power power = new Power() {
        @Override
        public void stop(SandboxState state, String by) {
            throw new AssertionError(by);
        }

        @Override
        public void resume(SandboxState state, String by, Instant startRequestedAt, boolean newVolume) {
            written.add(by + " at " + startRequestedAt);
            sandboxes.cached(state("Creating", "IdleTimeout", true)).live(state("Creating", "IdleTimeout", true));
        }
    };
    private final SandboxAccess access = new SandboxAccess(
            sandboxes,
            9000,
            new FairTurns(1),
            null,
            new AutoResume(
                    sandboxes,
                    power,
                    (user, namespace, verb, subresource, name) -> {
                        assertThat(verb + " " + subresource).isEqualTo("create resume");
                        return mayResume;
                    },
                    now::get,
                    Duration.ofMinutes(10)));

    @Test
    void startsOnceAndWaitsUntilItIsReady() throws IOException {
        stopped("IdleTimeout");
        var looks = new ArrayList<String>();
        sandboxes.heard = () -> {
            looks.add("look");
            if (looks.size() == 3) {
                sandboxes.cached(FakeSandboxes.running()).live(FakeSandboxes.running());
            }
        };
        assertThat(call("exec")).isEqualTo(FakeSandboxd.INCARNATION);
        assertThat(written).containsExactly("alice at 2026-01-01T12:01:00Z");
    }

    @ParameterizedTest
    @CsvSource({"Requested, true", "MaxRuntimeReached, true", "ApplicationExited, true", "IdleTimeout, false"})
    void leavesAStopThatIsNoneOfIdlenessOrACallerWithoutTheRight(String reason, boolean may) {
        stopped(reason);
        mayResume = may;
        assertThatThrownBy(() -> call("exec")).hasMessageContaining("is Stopped, exec needs Running");
        assertThat(written).isEmpty();
    }

    @Test
    void processOfThePodThatIsGoneStartsNothing() {
        stopped("IdleTimeout");
        for (var id : List.of("exec-0a1b2c3d0123456789abcdef", "build")) {
            var use = Use.of("log", ProcessRef.parse(id).orElseThrow());
            assertThatThrownBy(() ->
                            access.ask(Calls.get("log").call(), use, new DaemonErrors.Subject("processes", id), e -> e))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Gone.class));
        }
        assertThat(written).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"files, 40", "processes, 40", "exec, 600", "attach, 600"})
    void waitEndsBeforeTheServersLimitAndSaysWhenToComeBack(String subresource, long seconds) {
        stopped("IdleTimeout");
        var began = now.get();
        sandboxes.heard = () -> now.set(now.get().plusSeconds(5));
        assertThatThrownBy(() -> call(subresource)).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(Status.of(e.error()).code()).isEqualTo(503);
            assertThat(Status.retrySeconds(e.error())).isEqualTo(5);
        });
        assertThat(Duration.between(began, now.get())).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void startThatFailsIsToldAsWhatItBecame() {
        stopped("IdleTimeout");
        sandboxes.heard = () -> {
            var failed = state("Error", "ImagePullFailed", true);
            sandboxes.cached(failed).live(failed);
        };
        assertThatThrownBy(() -> call("exec")).hasMessageContaining("is Error");
    }

    private void stopped(String reason) {
        sandboxes.cached(state("Stopped", reason, false)).live(state("Stopped", reason, false));
    }

    private String call(String subresource) throws IOException {
        return access.ask(
                Calls.post(subresource).call(),
                Use.of(subresource),
                new DaemonErrors.Subject("processes", ""),
                endpoint -> endpoint.incarnation());
    }

    private static SandboxState state(String phase, String reason, boolean requested) {
        return new SandboxState(
                "team1",
                "web",
                "uid-1",
                phase,
                false,
                STOPPED,
                List.of(),
                new Lifecycle(true, reason, requested, false, null, null, false),
                new TreeSet<>(),
                AgentState.CODE);
    }
}
