package io.agenttier.e2e.crash;

import io.agenttier.controller.effect.Effect;

/**
 * Where a controller ends: when it has this effect on such a target for the nth time.
 *
 * @param side before or after the effect
 * @param within text that the target has to contain, such as {@code /namespaces/team1/}
 * @param visit from 1
 */
record Fault(Effect effect, Side side, String within, int visit) {
    enum Side {
        BEFORE,
        AFTER
    }

    String argument() {
        return effect + "," + side + "," + within + "," + visit;
    }

    static Fault parse(String argument) {
        var parts = argument.split(",", -1);
        return new Fault(Effect.valueOf(parts[0]), Side.valueOf(parts[1]), parts[2], Integer.parseInt(parts[3]));
    }

    @Override
    public String toString() {
        return side + " " + effect + " " + visit;
    }
}
