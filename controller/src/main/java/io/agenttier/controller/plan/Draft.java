package io.agenttier.controller.plan;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.SandboxStatusDraft;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A status being decided: that of the sandbox, changed condition by condition. */
final class Draft {
    /** Most characters of a condition's message, with room below the schema's limit. */
    private static final int MESSAGE_MAX = 2000;

    private final long generation;
    private final OffsetDateTime now;
    private final SandboxStatusDraft fields;
    private List<Condition> conditions;

    Draft(Sandbox sandbox, Instant now) {
        this.generation = sandbox.metadata().generation();
        this.now = time(now);
        this.fields = sandbox.statusOrEmpty().toDraft().observedGeneration(generation);
        this.conditions = sandbox.statusOrEmpty().conditions();
    }

    /** Times in status have milliseconds and no zone but UTC. */
    static OffsetDateTime time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC);
    }

    SandboxStatusDraft fields() {
        return fields;
    }

    Draft holds(String type, String reason, String message) {
        return set(type, Condition.TRUE, reason, message);
    }

    Draft fails(String type, String reason, String message) {
        return set(type, Condition.FALSE, reason, message);
    }

    /** Sets Ready to False and shows its message to people. */
    Draft notReady(String reason, String message) {
        fields.message(shorten(message));
        return fails(Conditions.READY, reason, message);
    }

    Draft ready(String message) {
        fields.message(shorten(message));
        return holds(Conditions.READY, io.agenttier.api.Reasons.READY, message);
    }

    /** Lengthens the message of Ready where that holds. */
    Draft addToReady(String more) {
        Conditions.find(conditions, Conditions.READY)
                .filter(c -> c.holds() && !more.isEmpty())
                .ifPresent(c -> ready(c.message() + more));
        return this;
    }

    Draft phase(Phase phase) {
        fields.phase(phase.wire());
        return this;
    }

    SandboxStatus build() {
        return fields.conditions(conditions).build();
    }

    private Draft set(String type, String status, String reason, String message) {
        conditions =
                Conditions.with(conditions, new Condition(type, status, generation, now, reason, shorten(message)));
        return this;
    }

    /** A condition as it is decided now. */
    static Condition condition(
            Sandbox sandbox, String type, String status, String reason, String message, Instant now) {
        return new Condition(type, status, sandbox.metadata().generation(), time(now), reason, shorten(message));
    }

    private static String shorten(String text) {
        return text.length() <= MESSAGE_MAX ? text : text.substring(0, MESSAGE_MAX - 1) + "…";
    }
}
