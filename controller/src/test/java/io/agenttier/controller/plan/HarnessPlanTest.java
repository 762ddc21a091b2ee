package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Conditions;
import io.agenttier.api.HookStatus;
import io.agenttier.api.Phase;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.ScheduledStop;
import io.agenttier.controller.sandboxd.Hook;
import io.agenttier.controller.sandboxd.HookResult;
import io.agenttier.controller.sandboxd.Report;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@org.jspecify.annotations.NullUnmarked
class HarnessPlanTest {
    private static final String HOOKS =
            "\"harness\":{\"hooks\":{\"onStart\":\"a\",\"onResume\":\"b\",\"onIdle\":\"c\",\"onStop\":\"d\"}}";

    private final List<Transitions.Note> notes = new ArrayList<>();

    @Test
    void runsOnStartOnceAndOnResumeAfterEachLaterStart() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> succeeded();
        sim.settle();
        assertThat(sim.asked).containsExactly(run(Hook.Kind.ON_START));
        assertThat(told()).containsOnlyOnce("HookSucceeded");

        stop(sim);
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.STOPPED.wire());
        assertThat(sim.asked).containsExactly(run(Hook.Kind.ON_START), run(Hook.Kind.ON_STOP));
        resume(sim);
        assertThat(sim.asked).endsWith(run(Hook.Kind.ON_STOP), run(Hook.Kind.ON_RESUME));
        assertThat(sim.asked).hasSize(3);
    }

    @Test
    void asksNobodyWithoutHooksAndTools() {
        var sim = simulation("\"harness\":{\"hooks\":{\"onStart\":\"\"}}");
        sim.settle();
        stop(sim);
        assertThat(sim.asked).isEmpty();
        assertThat(sim.sandbox.statusOrEmpty().harness()).isNull();
    }

    @Test
    void aControllerThatForgotItsAnswersRunsNoHookAgainThatStandsInStatus() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> succeeded();
        sim.settle();
        sim.answers.clear();
        sim.settle();
        assertThat(sim.asked).hasSize(1);
    }

    @Test
    void aFailedHookIsToldAndChangesNothingElse() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> new PodAnswer.Ran(new HookResult(HookResult.Outcome.FAILED, "exited with code 3: no disk"));
        sim.settle();
        assertThat(notes)
                .contains(new Transitions.Note(true, "HookFailed", "hook onStart exited with code 3: no disk"));
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.RUNNING.wire());
        stop(sim);
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.STOPPED.wire());
    }

    @Test
    void anUnreachablePodIsAskedAFewTimesAndThenTheHookHasFailed() {
        var sim = simulation(HOOKS);
        sim.daemon = question -> new PodAnswer.Failed(
                "no answer",
                Math.toIntExact(sim.asked.stream().filter(question::equals).count()),
                sim.now);
        for (var round = 0; round < 10; round++) {
            sim.settle();
            sim.clusterMoves();
        }
        assertThat(sim.asked).hasSize(4);
        assertThat(notes)
                .contains(new Transitions.Note(true, "HookFailed", "hook onStart could not be run: no answer"));
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.RUNNING.wire());
    }

    @Test
    void aHookThatHangsDelaysAStopByItsLimitAndNoMore() {
        var sim = simulation(HOOKS);
        sim.daemon = question -> question.equals(run(Hook.Kind.ON_STOP)) ? null : succeeded();
        sim.settle();
        sim.spec(spec(",\"powerState\":\"Stopped\""));
        sim.reconcile(Integer.MAX_VALUE);
        var until = sim.sandbox.statusOrEmpty().stopped().time().toInstant().plus(Duration.ofSeconds(32));

        sim.now = until.minusMillis(1);
        sim.reconcile(Integer.MAX_VALUE);
        assertThat(sim.pods).singleElement().matches(p -> p.getMetadata().getDeletionTimestamp() == null);
        assertThat(Conditions.find(sim.sandbox.statusOrEmpty().conditions(), Conditions.READY)
                        .orElseThrow()
                        .message())
                .startsWith("the hook onStop runs");

        sim.now = until;
        sim.reconcile(Integer.MAX_VALUE);
        assertThat(sim.pods).singleElement().matches(p -> p.getMetadata().getDeletionTimestamp() != null);
        assertThat(told()).contains("HookTimedOut");
        sim.settle();
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.STOPPED.wire());
    }

    @Test
    void whatSandboxdRanByItselfIsToldOnceAlsoOfACommandThatEnded() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> succeeded();
        sim.settle();
        sim.end(
                0,
                "Completed",
                "{\"sandboxd\":1,\"reason\":\"CommandExited\",\"code\":0,\"signal\":\"\",\"message\":\"\","
                        + "\"onStop\":{\"exit\":{\"outcome\":\"exited\",\"code\":0},\"tail\":\"saved\"}}");
        sim.settle();
        assertThat(sim.sandbox.statusOrEmpty().phase()).isEqualTo(Phase.STOPPED.wire());
        assertThat(notes)
                .containsOnlyOnce(
                        new Transitions.Note(false, "HookSucceeded", "hook onStop exited with code 0: saved"));
        assertThat(sim.asked).containsExactly(run(Hook.Kind.ON_START));
    }

    @Test
    void theLastHookOfAPodWhoseSandboxIsGoneNamesTheSandbox() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> succeeded();
        sim.settle();
        var pod = sim.pods.getFirst();
        assertThat(LastHook.of(pod)).isEmpty();
        sim.end(
                0,
                "Completed",
                "{\"sandboxd\":1,\"reason\":\"Terminated\",\"code\":0,\"signal\":\"\",\"message\":\"\","
                        + "\"onStop\":{\"exit\":{\"outcome\":\"timeout\",\"limitMs\":30000},\"tail\":\"\"}}");
        var last = LastHook.of(pod).orElseThrow();
        assertThat(last.sandbox().metadata().name())
                .isEqualTo(sim.sandbox.metadata().name());
        assertThat(last.sandbox().metadata().uid())
                .isEqualTo(sim.sandbox.metadata().uid());
        assertThat(last.note().reason()).isEqualTo("HookTimedOut");
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(65);
    }

    @Test
    void eachAnnouncedIdleStopRunsOnIdleOnce() {
        var sim = simulation(HOOKS);
        sim.daemon = _ -> succeeded();
        sim.settle();
        for (var time : List.of("2026-01-01T02:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T03:00:00Z")) {
            sim.status(sim.sandbox
                    .statusOrEmpty()
                    .toDraft()
                    .scheduledStop(new ScheduledStop(OffsetDateTime.parse(time), "IdleTimeout"))
                    .build());
            sim.settle();
        }
        assertThat(sim.asked)
                .filteredOn(PodQuestion.Run.class::isInstance)
                .containsExactly(
                        run(Hook.Kind.ON_START),
                        new PodQuestion.Run(new Hook(
                                Hook.Kind.ON_IDLE,
                                "" + Instant.parse("2026-01-01T02:00:00Z").toEpochMilli())),
                        new PodQuestion.Run(new Hook(
                                Hook.Kind.ON_IDLE,
                                "" + Instant.parse("2026-01-01T03:00:00Z").toEpochMilli())));
        assertThat(sim.sandbox.statusOrEmpty().harness().hooks())
                .extracting(HookStatus::hook)
                .containsExactly("onStart", "onIdle");
    }

    @Test
    void aToolThatIsNotThereStandsInReadyAndIsToldOnce() {
        var sim = simulation(
                "\"harness\":{\"tools\":[{\"name\":\"git\",\"verifyCommand\":\"git --version\"},{\"name\":\"node\"}]}");
        sim.daemon = _ -> new PodAnswer.Seen(new Report(
                Instant.EPOCH,
                false,
                0,
                0,
                0,
                true,
                List.of(
                        new Report.Tool("git", false, "verify exited with code 127"),
                        new Report.Tool("node", true, ""))));
        sim.settle();
        sim.settle();
        var ready = Conditions.find(sim.sandbox.statusOrEmpty().conditions(), Conditions.READY)
                .orElseThrow();
        assertThat(ready.holds()).isTrue();
        assertThat(ready.message())
                .isEqualTo("the sandbox is ready; tool git is not there: verify exited with code 127");
        assertThat(told()).containsOnlyOnce("ToolVerificationFailed");
        assertThat(sim.asked).hasSize(1);
    }

    private Simulation simulation(String harness) {
        this.harness = harness;
        var sim = new Simulation(spec(""));
        sim.statusWritten = (before, after) -> notes.addAll(Transitions.between(before, after));
        return sim;
    }

    private String harness = "";

    private SandboxSpec spec(String more) {
        return Fixtures.spec("{\"image\":{\"repository\":\"i\"}," + harness + more + "}");
    }

    private void stop(Simulation sim) {
        sim.spec(spec(",\"powerState\":\"Stopped\""));
        sim.settle();
    }

    private void resume(Simulation sim) {
        sim.spec(spec(",\"powerState\":\"Running\",\"startRequestedAt\":\"" + sim.now.plusSeconds(1) + "\""));
        sim.now = sim.now.plusSeconds(2);
        sim.settle();
    }

    private List<String> told() {
        return notes.stream().map(Transitions.Note::reason).toList();
    }

    private static PodQuestion run(Hook.Kind kind) {
        return new PodQuestion.Run(Hook.once(kind));
    }

    private static PodAnswer succeeded() {
        return new PodAnswer.Ran(new HookResult(HookResult.Outcome.SUCCEEDED, "exited with code 0"));
    }
}
