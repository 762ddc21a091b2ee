package io.agenttier.cli.command;

import io.agenttier.cli.output.Output;

/** One line on a terminal that says how far a large file has come. */
final class Progress {
    /** Makes one when the size is known. */
    interface Maker {
        /** @param total bytes, or −1 if unknown */
        Progress of(long total);
    }

    private static final long MIB = 1024L * 1024;
    private static final long LARGE = 8 * MIB;

    private final Output output;
    private final String what;
    private final long total;
    private long shown;

    /** @param total bytes, or −1 if unknown */
    Progress(Output output, String what, long total) {
        this.output = output;
        this.what = what;
        this.total = total;
    }

    void at(long bytes) {
        boolean isLarge = total > LARGE || (total < 0 && bytes > LARGE);
        if (isLarge && bytes / MIB > shown) {
            shown = bytes / MIB;
            output.progress(
                    total < 0
                            ? "%s: %d MiB".formatted(what, shown)
                            : "%s: %d of %d MiB".formatted(what, shown, total / MIB));
        }
    }

    void end() {
        if (shown > 0) {
            output.progress("");
        }
    }
}
