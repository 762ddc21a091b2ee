package io.agenttier.cli.command;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/** Durations as Go and kubectl write them: {@code 90s}, {@code 1h30m}, {@code 1.5s}, {@code 0}. */
final class Durations {
    private static final Pattern WHOLE = Pattern.compile("0|([0-9]{1,9}(\\.[0-9]{1,9})?(ms|s|m|h))+");
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)");
    private static final Map<String, Double> MILLIS = Map.of("ms", 1.0, "s", 1_000.0, "m", 60_000.0, "h", 3_600_000.0);
    private static final Duration MAX = Duration.ofDays(365);

    private Durations() {}

    /** @param option for the message */
    static Duration parse(String option, String text) throws UsageException {
        double millis = 0;
        if (WHOLE.matcher(text).matches()) {
            for (var parts = PART.matcher(text); parts.find(); ) {
                millis += Double.parseDouble(parts.group(1)) * MILLIS.getOrDefault(parts.group(2), 0.0);
            }
            if (millis <= MAX.toMillis()) {
                return Duration.ofMillis(Math.round(millis));
            }
        }
        throw new UsageException(
                "%s \"%s\" is no duration: expected for example 90s, 5m, 1h30m, or 0 for none, at most a year"
                        .formatted(option, text));
    }

    /** Whole seconds, rounded up, so that a short limit never becomes none. */
    static long seconds(Duration duration) {
        return duration.plusMillis(999).toSeconds();
    }
}
