package io.agenttier.e2e.crash;

import io.agenttier.controller.effect.Effect;

/**
 * Where a controller ends.
 *
 * @param side before or after the effect
 * @param visit which time counts, from 1
 * @param within text that the target has to contain, such as {@code /namespaces/team1/}; effects elsewhere do not count
 */
record Fault(Effect effect, Side side, int visit, String within) {
    enum Side {
        BEFORE,
        AFTER
    }

    String argument() {
        return effect + "," + side + "," + visit + "," + within;
    }

    static Fault parse(String argument) {
        var parts = argument.split(",", -1);
        return new Fault(Effect.valueOf(parts[0]), Side.valueOf(parts[1]), Integer.parseInt(parts[2]), parts[3]);
    }

    @Override
    public String toString() {
        return side + " " + effect + (visit == 1 ? "" : " no. " + visit);
    }
}
