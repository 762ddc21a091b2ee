package io.agenttier.apiserver.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Content negotiation by {@code Accept}. */
public final class Accept {
    private Accept() {}

    /**
     * The offer a client likes best: highest {@code q}, then the order of its header, then our order. Parameters other than {@code q}
     * are not compared. No header, or one that is empty, takes the first offer.
     *
     * @param accept all values of the header
     * @param offers media types in lower case, for example {@code application/json}
     * @return empty if none is acceptable: answer 406
     */
    public static Optional<String> choose(List<String> accept, List<String> offers) {
        var ranges = new ArrayList<Range>();
        for (var line : accept) {
            for (var part : line.split(",", -1)) {
                if (!part.isBlank()) {
                    ranges.add(Range.parse(part));
                }
            }
        }
        if (ranges.isEmpty()) {
            return Optional.of(offers.getFirst());
        }
        Optional<String> best = Optional.empty();
        double bestQuality = 0;
        for (var range : ranges) {
            if (range.quality > bestQuality) {
                var match = offers.stream().filter(range::matches).findFirst();
                if (match.isPresent()) {
                    best = match;
                    bestQuality = range.quality;
                }
            }
        }
        return best;
    }

    private record Range(String type, double quality) {
        static Range parse(String text) {
            var parts = text.split(";", -1);
            double quality = 1;
            for (int i = 1; i < parts.length; i++) {
                var parameter = parts[i].strip().toLowerCase(Locale.ROOT);
                if (parameter.startsWith("q=")) {
                    quality = number(parameter.substring(2));
                }
            }
            return new Range(parts[0].strip().toLowerCase(Locale.ROOT), quality);
        }

        private static double number(String text) {
            try {
                return Math.clamp(Double.parseDouble(text), 0, 1);
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        boolean matches(String offer) {
            return type.equals("*/*")
                    || type.equals(offer)
                    || (type.endsWith("/*") && offer.startsWith(type.substring(0, type.length() - 1)));
        }
    }
}
