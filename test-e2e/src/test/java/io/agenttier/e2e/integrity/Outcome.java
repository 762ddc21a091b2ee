package io.agenttier.e2e.integrity;

/**
 * What a client made of a command.
 *
 * @param process id or name of its process; empty if the client does not tell
 * @param cuts how often its connection was cut on the way
 * @param end what it says of the end
 */
record Outcome(String process, Received stdout, Received stderr, int cuts, End end) {
    Outcome withCuts(int cuts) {
        return new Outcome(process, stdout, stderr, cuts, end);
    }

    sealed interface End {
        /** @param reason empty from clients that only have an exit code */
        record Ended(String reason, int exitCode) implements End {}

        /** The client was killed, or is one that does not go on after a cut. */
        record Left(boolean killed, String why) implements End {}
    }
}
