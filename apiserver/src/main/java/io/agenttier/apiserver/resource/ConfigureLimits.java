package io.agenttier.apiserver.resource;

/**
 * Limits of one configuration; more is 413.
 *
 * @param fileBytes one file
 * @param totalBytes all files together
 * @param files their number
 */
public record ConfigureLimits(int fileBytes, long totalBytes, int files) {
    /** 32 MiB, 128 MiB, 200. */
    public static final ConfigureLimits DEFAULT = new ConfigureLimits(32 << 20, 128L << 20, 200);

    /** Of the whole body: all files in base64, and the rest. */
    long bodyBytes() {
        return totalBytes + totalBytes / 2;
    }
}
