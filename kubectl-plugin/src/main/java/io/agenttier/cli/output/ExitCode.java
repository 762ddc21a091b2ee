package io.agenttier.cli.output;

/** How the plugin itself ends; {@code exec} ends with the command's code instead where there is one. */
public final class ExitCode {
    public static final int OK = 0;

    /** The operation failed; the reason stands on standard error. */
    public static final int FAILED = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    /** Ctrl-C: what the JVM itself ends with after SIGINT (128 + 2). */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
