package io.agenttier.controller.sandboxd;

import java.util.Optional;

/**
 * One time that a hook is to run. sandboxd runs each once for as long as its pod lives, however often it is asked.
 *
 * @param occurrence tells this time from another of the same kind; empty for a kind that happens once in a pod
 */
public record Hook(Kind kind, String occurrence) {
    public static Hook once(Kind kind) {
        return new Hook(kind, "");
    }

    /** When a hook runs. */
    public enum Kind {
        ON_START("onStart"),
        ON_RESUME("onResume"),
        ON_IDLE("onIdle"),
        ON_STOP("onStop");

        private final String wire;

        Kind(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        public static Optional<Kind> parse(String wire) {
            for (var kind : values()) {
                if (kind.wire.equals(wire)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }
}
