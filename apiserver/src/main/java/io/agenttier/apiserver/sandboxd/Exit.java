package io.agenttier.apiserver.sandboxd;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An exit record and when it was written.
 *
 * @param durationMs from start to end by sandboxd's monotonic clock; null if nobody knows
 */
public record Exit(
        ExitRecord outcome, Instant endedAt, @Nullable Long durationMs) {
    private static final int MESSAGE = 4096;

    /** The end of a process whose pod is gone. */
    public static Exit lost(String why, Instant noticedAt) {
        return new Exit(new ExitRecord.Lost(why), noticedAt, null);
    }

    static Exit from(Fields fields) throws MisbehavedException {
        ExitRecord outcome = switch (fields.name("outcome")) {
            case "exited" -> new ExitRecord.Exited(fields.within("code", 0, 255));
            case "signaled" -> new ExitRecord.Signaled(signal(fields), fields.within("number", 1, 64));
            case "notStarted" ->
                new ExitRecord.NotStarted(fields.within("code", -1, 127), fields.text("message", MESSAGE));
            case "timeout" -> new ExitRecord.TimedOut(Duration.ofMillis(fields.count("limitMs")));
            case "canceled" -> new ExitRecord.Canceled(fields.text("by", MESSAGE));
            case "oom" -> new ExitRecord.OutOfMemory();
            case "lost" -> new ExitRecord.Lost(fields.text("why", MESSAGE));
            default -> throw new MisbehavedException("the exit record has an unknown outcome");
        };
        return new Exit(outcome, fields.time("endedAt"), fields.count("durationMs"));
    }

    private static String signal(Fields fields) throws MisbehavedException {
        var name = fields.name("signal");
        if (!name.matches("[A-Z0-9+-]{1,16}")) {
            throw new MisbehavedException("the exit record names no signal");
        }
        return name;
    }
}
