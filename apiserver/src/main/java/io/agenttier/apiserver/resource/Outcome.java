package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the API shows an exit record.
 *
 * @param reason one word, for example {@code completed}; the whole list is in the protocol page §6
 * @param exitCode null when the outcome is unknown, which is never a number
 * @param signal without {@code SIG}, or null
 * @param message what a person should know, or null
 */
record Outcome(
        String reason,
        @Nullable Integer exitCode,
        @Nullable String signal,
        @Nullable String message,
        @Nullable Long durationMs) {
    private static final int BY_SIGNAL = 128;
    private static final int SIGKILL = 9;

    static Outcome of(Exit exit) {
        var ms = exit.durationMs();
        return switch (exit.outcome()) {
            case ExitRecord.Exited e -> new Outcome("completed", e.code(), null, null, ms);
            case ExitRecord.Signaled s -> new Outcome("signaled", BY_SIGNAL + s.number(), s.signal(), null, ms);
            case ExitRecord.NotStarted n -> new Outcome("error", n.code(), null, n.message(), ms);
            case ExitRecord.TimedOut t ->
                new Outcome(
                        "timeout",
                        -1,
                        null,
                        "stopped after its time limit of %d ms"
                                .formatted(t.limit().toMillis()),
                        ms);
            case ExitRecord.Canceled c -> new Outcome("canceled", -1, null, "canceled by " + c.by(), ms);
            case ExitRecord.OutOfMemory _ ->
                new Outcome("oom", BY_SIGNAL + SIGKILL, "KILL", "killed because memory ran out", ms);
            case ExitRecord.Lost l -> new Outcome("lost", null, null, l.why(), ms);
        };
    }

    boolean timedOut() {
        return reason.equals("timeout");
    }

    /** Adds {@code exitCode}, {@code durationMs}, {@code reason}, and {@code signal} and {@code message} where they apply. */
    void addTo(Map<String, @Nullable Object> document) {
        document.put("exitCode", exitCode);
        document.put("durationMs", durationMs);
        document.put("reason", reason);
        if (signal != null) {
            document.put("signal", signal);
        }
        if (message != null && !message.isEmpty()) {
            document.put("message", message);
        }
    }
}
