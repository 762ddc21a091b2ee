package io.agenttier.controller.plan;

import io.agenttier.controller.sandboxd.HookResult;
import io.agenttier.controller.sandboxd.Report;
import java.time.Duration;
import java.time.Instant;

/** What a question to a pod came to. */
public sealed interface PodAnswer {
    /** Answers a {@link PodQuestion.Run}. */
    record Ran(HookResult result) implements PodAnswer {}

    /** Answers a {@link PodQuestion.Look}. */
    record Seen(Report report) implements PodAnswer {}

    /** Answers a {@link PodQuestion.Tell} and a {@link PodQuestion.CallOff}. */
    record Told() implements PodAnswer {}

    /**
     * No answer to use.
     *
     * @param attempts how often it was asked
     * @param at when the last attempt ended
     */
    record Failed(String why, int attempts, Instant at) implements PodAnswer {
        /** A pod that does not answer within these attempts, 1, 2 and 4 s apart, is not asked again. */
        private static final int ATTEMPTS_MAX = 4;

        boolean isFinal() {
            return attempts >= ATTEMPTS_MAX;
        }

        /** When it is worth asking again. */
        Instant next() {
            return at.plus(Duration.ofSeconds(1L << Math.max(0, attempts - 1)));
        }
    }
}
