package io.agenttier.e2e.cluster;

/** How large a test runs: small in {@code make test}, full in {@code make soak}. */
public final class Size {
    private Size() {}

    /** {@code small}, or {@code full} where the property {@code agenttier.size} is {@code full}. */
    public static int of(int small, int full) {
        return "full".equals(System.getProperty("agenttier.size")) ? full : small;
    }
}
