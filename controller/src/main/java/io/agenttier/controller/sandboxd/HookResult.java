package io.agenttier.controller.sandboxd;

/**
 * How a hook ended.
 *
 * @param message a sentence for people with the end of the hook's output; empty for one that does not exist. Input from the sandbox:
 *     shortened, without control characters
 */
public record HookResult(Outcome outcome, String message) {
    /** The last of what a hook wrote; an Event takes 1,024 characters. */
    private static final int TAIL = 700;

    private static final int SENTENCE = 200;

    public enum Outcome {
        /** The pod's start plan has no such hook. */
        ABSENT,
        SUCCEEDED,
        FAILED,
        TIMED_OUT
    }

    static HookResult of(Fields answer) throws MisbehavedException {
        var exit = answer.object("exit");
        if (exit.isEmpty()) {
            return new HookResult(Outcome.ABSENT, "");
        }
        var record = exit.get();
        var tail = Fields.printableEnd(answer.text("tail", 64 << 10), TAIL).strip();
        var outcome = record.text("outcome", 32);
        var how = switch (outcome) {
            case "exited" -> "exited with code " + record.whole("code");
            case "signaled" -> "was ended by signal " + Fields.printableEnd(record.text("signal", 32), 32);
            case "notStarted" -> "was not started: " + Fields.printableEnd(record.text("message", 4096), SENTENCE);
            case "timeout" -> "was stopped at its time limit of " + record.whole("limitMs") + " ms";
            case "canceled" -> "was canceled";
            case "oom" -> "ran out of memory";
            default -> throw new MisbehavedException("an exit record has no known outcome");
        };
        var succeeded = outcome.equals("exited") && record.whole("code") == 0;
        return new HookResult(
                succeeded ? Outcome.SUCCEEDED : outcome.equals("timeout") ? Outcome.TIMED_OUT : Outcome.FAILED,
                tail.isEmpty() ? how : how + ": " + tail);
    }
}
