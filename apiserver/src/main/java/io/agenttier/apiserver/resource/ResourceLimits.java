package io.agenttier.apiserver.resource;

/**
 * Size limits of the calls.
 *
 * @param execBodyBytes body of an exec, stdin included; more is 413
 * @param execOutputBytes of each stream in a JSON answer; more sets {@code truncated}
 * @param fileBytes size of one file; more is 413
 */
public record ResourceLimits(long execBodyBytes, int execOutputBytes, long fileBytes) {
    /** 16 MiB, 8 MiB, 5 GiB. */
    public static final ResourceLimits DEFAULT = new ResourceLimits(16L << 20, 8 << 20, 5L << 30);
}
