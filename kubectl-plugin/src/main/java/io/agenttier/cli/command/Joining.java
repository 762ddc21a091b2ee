package io.agenttier.cli.command;

/**
 * How we join a process.
 *
 * @param position offset in the combined output to begin at
 * @param needsAll whether output that is missing at the beginning is a loss; not if the user asked for the recent past
 * @param isOurs whether we have just started it, so that nobody else has written to it
 * @param withInput whether we are the one who writes to it
 * @param takesOver whether another writer is sent away
 * @param hasTerminal whether it runs in a terminal; then standard error carries notices of the server alone
 */
record Joining(
        long position, boolean needsAll, boolean isOurs, boolean withInput, boolean takesOver, boolean hasTerminal) {
    /** From the very beginning of a process that we have started. */
    static Joining started(boolean withInput, boolean hasTerminal) {
        return new Joining(0, !hasTerminal, true, withInput, false, hasTerminal);
    }
}
