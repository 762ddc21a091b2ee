package io.agenttier.api;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Kind of use of a sandbox, {@code spec.mode}: code for people and their tools, agent for installed agents that are invoked. */
public enum Mode {
    CODE("code"),
    AGENT("agent");

    private final String wire;

    Mode(String wire) {
        this.wire = wire;
    }

    /** The word on the wire. */
    public String wire() {
        return wire;
    }

    /** The mode of that word; empty when it is absent or unknown to this version. */
    public static Optional<Mode> parse(@Nullable String wire) {
        for (var mode : values()) {
            if (mode.wire.equals(wire)) return Optional.of(mode);
        }
        return Optional.empty();
    }
}
