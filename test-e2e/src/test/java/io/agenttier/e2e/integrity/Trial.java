package io.agenttier.e2e.integrity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Executor;

/** Runs commands and judges each by its bytes and by its exit record. */
final class Trial {
    /** How often a start may be refused, since no replica is there. */
    private static final int STARTS = 30;

    private final Ground ground;
    private final Processes processes;
    private final Tally tally;
    private final Executor later;

    /** @param later judges what was left, once its grace is over */
    Trial(Ground ground, Tally tally, Executor later) {
        this.ground = ground;
        this.processes = new Processes(ground);
        this.tally = tally;
        this.later = later;
    }

    /** Runs it by this lane; what is wrong goes to the tally. */
    void run(Lane lane, Work work) {
        attempt(work, () -> start(lane, work));
        tally.judged(work);
    }

    private void attempt(Work work, Runnable trial) {
        try {
            trial.run();
        } catch (RuntimeException | AssertionError e) {
            tally.failed(work, e);
        }
    }

    private void start(Lane lane, Work work) {
        for (var start = 0; start < STARTS; start++) {
            var outcome = lane.run(work, work.ownName() + (start == 0 ? "" : "-" + start));
            tally.ran(work, outcome);
            if (judge(lane, work, outcome)) return;
            tally.refused(work);
            Processes.pause();
        }
        throw new AssertionError("was refused " + STARTS + " times");
    }

    /** @return false if it was never started */
    private boolean judge(Lane lane, Work work, Outcome outcome) {
        return switch (outcome.end()) {
            case Outcome.End.Ended ended -> {
                check(
                        ended.exitCode() == work.exitCode()
                                && (ended.reason().isEmpty() || ended.reason().equals(work.reason())),
                        "its client was told " + ended);
                checkWhole(work, outcome);
                checkRecord(work, processes.exit(id(work, outcome), (long) work.out() + work.err()));
                yield true;
            }
            case Outcome.End.Left left -> {
                check(outcome.stdout().isPrefix() && outcome.stderr().isPrefix(), "its client got " + outcome);
                var item = processes.find(outcome.process().isEmpty() ? work.program() : outcome.process());
                if (item.isEmpty()) yield false;
                check(left.killed() || !work.client().alwaysKeeps(), "its client gave up: " + left.why());
                takeUp(lane, work, item.get());
                yield true;
            }
        };
    }

    private void takeUp(Lane lane, Work work, JsonNode item) {
        var id = item.get("id").asText();
        if (!work.keeps()) {
            later.execute(() -> attempt(work, () -> judgeLeft(work, id)));
            return;
        }
        var outcome = lane.pickUp(work, id, item.get("stdinOpen").asBoolean());
        tally.pickedUp(work, outcome);
        checkWhole(work, outcome);
        checkRecord(work, processes.exit(id, (long) work.out() + work.err()));
    }

    /** Whoever left it: it ended before that was noticed, or was cancelled because of it. */
    private void judgeLeft(Work work, String id) {
        var item = processes.ended(id);
        var outcome = SseClient.pickUp(ground, ground.namespace().api(), work, id);
        check(outcome.stdout().isPrefix() && outcome.stderr().isPrefix(), "its log gave " + outcome);
        check(
                outcome.stdout().count() == item.get("bytesStdout").asLong()
                        && outcome.stderr().count() == item.get("bytesStderr").asLong(),
                "its log gave " + outcome + ", its record has " + item);
        if (work.holds() || item.at("/exit/reason").asText().equals("canceled")) {
            tally.canceled(work);
            check(
                    item.at("/exit/reason").asText().equals("canceled")
                            && item.at("/exit/exitCode").asInt() == -1,
                    "its record is " + item);
        } else {
            checkWhole(work, outcome);
            checkRecord(work, item.get("exit"));
        }
    }

    private String id(Work work, Outcome outcome) {
        if (!outcome.process().isEmpty()) return outcome.process();
        return processes
                .find(work.program())
                .orElseThrow(() -> new AssertionError("its process is not listed"))
                .get("id")
                .asText();
    }

    private static void checkWhole(Work work, Outcome outcome) {
        check(outcome.stdout().isWhole() && outcome.stderr().isWhole(), "came as " + outcome);
        check(outcome.stdout().count() == work.out() && outcome.stderr().count() == work.err(), "came as " + outcome);
    }

    private static void checkRecord(Work work, JsonNode exit) {
        check(
                exit.get("exitCode").asInt(-2) == work.exitCode()
                        && exit.get("reason").asText().equals(work.reason())
                        && exit.path("signal").asText().equals(work.signal()),
                "its record is " + exit);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) throw new AssertionError(otherwise);
    }
}
