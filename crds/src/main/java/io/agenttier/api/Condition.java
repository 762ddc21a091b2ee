package io.agenttier.api;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of the state of an object, as metav1.Condition.
 *
 * @param type Aspect that is described.
 * @param status Whether the condition holds; Unknown while it is undecided.
 * @param observedGeneration Generation of the object that the condition was decided for.
 * @param lastTransitionTime When status last changed.
 * @param reason Why, in one word for programs.
 * @param message Why, in a sentence for people.
 */
public record Condition(
        String type,
        String status,
        @Nullable Long observedGeneration,
        @Nullable OffsetDateTime lastTransitionTime,
        String reason,
        String message) {
    /** Value of {@code status}: the condition holds. */
    public static final String TRUE = "True";
    /** Value of {@code status}: the condition does not hold. */
    public static final String FALSE = "False";
    /** Value of {@code status}: not decided yet. */
    public static final String UNKNOWN = "Unknown";

    public Condition {
        type = Wire.text(type);
        status = Wire.text(status);
        reason = Wire.text(reason);
        message = Wire.text(message);
    }

    /** Whether the condition is known to hold. */
    public boolean holds() {
        return status.equals(TRUE);
    }

    /** The same condition, in its status since {@code time}. */
    public Condition since(@Nullable OffsetDateTime time) {
        return new Condition(type, status, observedGeneration, time, reason, message);
    }

    /** The same condition with another message. */
    public Condition saying(String text) {
        return new Condition(type, status, observedGeneration, lastTransitionTime, reason, text);
    }
}
