package io.agenttier.controller.plan;

import java.time.Instant;

/** What sandboxd says about the use of its sandbox. */
public sealed interface Report {
    Report NONE = new None();

    /** It was not asked, since its answer would decide nothing. */
    record None() implements Report {}

    /**
     * Its answer.
     *
     * @param lastActivity last use
     * @param viewers clients that are attached now: use that lasts
     */
    record Told(Instant lastActivity, int viewers) implements Report {}

    /** It gave no answer; {@code why} is for people. */
    record Silent(String why) implements Report {}
}
