package io.agenttier.controller.plan;

import java.time.Instant;

/** What sandboxd says about the use of its sandbox. */
public sealed interface UseReport {
    UseReport NONE = new None();

    /** It was not asked, since its answer would decide nothing. */
    record None() implements UseReport {}

    /**
     * Its answer.
     *
     * @param inUse whether it is used right now, as while a client is attached
     */
    record Told(Instant lastUse, boolean inUse) implements UseReport {}

    /** It gave no answer; {@code why} is for people. */
    record Silent(String why) implements UseReport {}
}
