package io.agenttier.api;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as Go writes them: {@code 0}, or numbers with a unit (ns, us, µs, ms, s, m, h), such as {@code 1h30m} and {@code 1.5s}. */
public final class GoDuration {
    /** What the schema accepts. */
    public static final Pattern SYNTAX = Pattern.compile("0|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+");

    private static final int LENGTH_MAX = 64;
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, BigDecimal> NANOS = Map.of(
            "ns", BigDecimal.ONE,
            "us", BigDecimal.valueOf(1_000L),
            "µs", BigDecimal.valueOf(1_000L),
            "ms", BigDecimal.valueOf(1_000_000L),
            "s", BigDecimal.valueOf(1_000_000_000L),
            "m", BigDecimal.valueOf(60_000_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000_000L));

    private GoDuration() {}

    /** The duration of that text; empty when it is absent, has another form or exceeds 2<sup>63</sup> − 1 ns, as in Go. */
    public static Optional<Duration> parse(@Nullable String text) {
        if (text == null || text.length() > LENGTH_MAX || !SYNTAX.matcher(text).matches()) return Optional.empty();
        var nanos = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        while (parts.find()) {
            var unit = NANOS.getOrDefault(parts.group(2), BigDecimal.ZERO);
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(unit).setScale(0, RoundingMode.DOWN));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) return Optional.empty();
        return Optional.of(Duration.ofNanos(nanos.longValueExact()));
    }

    /** The shortest text of that duration in hours, minutes, seconds and nanoseconds; {@code 0} for zero. Negative durations are refused. */
    public static String format(Duration duration) {
        if (duration.isNegative()) throw new IllegalArgumentException("duration must not be negative, got " + duration);
        if (duration.isZero()) return "0";
        var text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toNanosPart(), "ns");
        return text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount > 0) text.append(amount).append(unit);
    }
}
