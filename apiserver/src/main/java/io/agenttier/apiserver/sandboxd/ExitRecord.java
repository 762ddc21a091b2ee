package io.agenttier.apiserver.sandboxd;

import java.time.Duration;

/** How a process ended. Written once by sandboxd, never changed; kept for 24 h or 1,000 processes, at most as long as the pod. */
public sealed interface ExitRecord {
    /** @param code 0–255 */
    record Exited(int code) implements ExitRecord {}

    /**
     * @param signal without {@code SIG}, for example {@code KILL}
     * @param number 1–64
     */
    record Signaled(String signal, int number) implements ExitRecord {}

    /** Nothing ran: 127 not found, 126 not executable, else −1. */
    record NotStarted(int code, String message) implements ExitRecord {}

    record TimedOut(Duration limit) implements ExitRecord {}

    /** @param by the user who cancelled, or {@code disconnect} */
    record Canceled(String by) implements ExitRecord {}

    record OutOfMemory() implements ExitRecord {}

    /** The outcome is unknown, for example because the node went away. Never shown as a number. */
    record Lost(String why) implements ExitRecord {}
}
