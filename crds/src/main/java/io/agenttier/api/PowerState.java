package io.agenttier.api;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Wanted power state of a sandbox, {@code spec.powerState}. */
public enum PowerState {
    RUNNING("Running"),
    STOPPED("Stopped");

    private final String wire;

    PowerState(String wire) {
        this.wire = wire;
    }

    /** The word on the wire. */
    public String wire() {
        return wire;
    }

    /** The state of that word; empty when it is absent or unknown to this version. */
    public static Optional<PowerState> parse(@Nullable String wire) {
        for (var state : values()) {
            if (state.wire.equals(wire)) return Optional.of(state);
        }
        return Optional.empty();
    }
}
