package io.agenttier.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Kubernetes quantity that is not negative, such as {@code 500m}, {@code 2Gi} or {@code 1e3}.
 *
 * @param value its exact value in base units (cores, bytes)
 */
public record Quantity(BigDecimal value) implements Comparable<Quantity> {
    private static final int LENGTH_MAX = 64;
    private static final Pattern SYNTAX =
            Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?");
    private static final Map<String, BigDecimal> FACTORS = Map.ofEntries(
            Map.entry("n", BigDecimal.ONE.scaleByPowerOfTen(-9)),
            Map.entry("u", BigDecimal.ONE.scaleByPowerOfTen(-6)),
            Map.entry("m", BigDecimal.ONE.scaleByPowerOfTen(-3)),
            Map.entry("k", BigDecimal.ONE.scaleByPowerOfTen(3)),
            Map.entry("M", BigDecimal.ONE.scaleByPowerOfTen(6)),
            Map.entry("G", BigDecimal.ONE.scaleByPowerOfTen(9)),
            Map.entry("T", BigDecimal.ONE.scaleByPowerOfTen(12)),
            Map.entry("P", BigDecimal.ONE.scaleByPowerOfTen(15)),
            Map.entry("E", BigDecimal.ONE.scaleByPowerOfTen(18)),
            Map.entry("Ki", new BigDecimal(BigInteger.ONE.shiftLeft(10))),
            Map.entry("Mi", new BigDecimal(BigInteger.ONE.shiftLeft(20))),
            Map.entry("Gi", new BigDecimal(BigInteger.ONE.shiftLeft(30))),
            Map.entry("Ti", new BigDecimal(BigInteger.ONE.shiftLeft(40))),
            Map.entry("Pi", new BigDecimal(BigInteger.ONE.shiftLeft(50))),
            Map.entry("Ei", new BigDecimal(BigInteger.ONE.shiftLeft(60))));

    /** The quantity of that text; empty when it is absent, negative or has another form. */
    public static Optional<Quantity> parse(@Nullable String text) {
        if (text == null || text.length() > LENGTH_MAX) return Optional.empty();
        var match = SYNTAX.matcher(text);
        if (!match.matches()) return Optional.empty();
        var number = new BigDecimal(match.group(1));
        var exponent = match.group(3);
        if (exponent == null) {
            var suffix = match.group(2);
            return Optional.of(new Quantity(
                    suffix == null ? number : number.multiply(FACTORS.getOrDefault(suffix, BigDecimal.ONE))));
        }
        return Optional.of(new Quantity(number.scaleByPowerOfTen(Integer.parseInt(exponent))));
    }

    /** The value in whole base units, rounded up as Kubernetes does; at most {@link Long#MAX_VALUE}. */
    public long roundedUp() {
        var whole = value.setScale(0, RoundingMode.CEILING);
        return whole.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValueExact();
    }

    /** Whether the value is greater than zero. */
    public boolean positive() {
        return value.signum() > 0;
    }

    /** Compares the values alone: 1 and 1000m are the same. */
    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }
}
