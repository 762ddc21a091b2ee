package io.agenttier.controller.config;

import io.agenttier.api.GoDuration;
import io.agenttier.api.Quantity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Arguments of the form {@code --key=value}, each key at most once. */
final class Arguments {
    private final Map<String, String> values;

    private Arguments(Map<String, String> values) {
        this.values = values;
    }

    /** @throws ConfigError for a key that is not known, given twice, or without a value */
    static Arguments parse(List<String> args, Set<String> known) {
        var values = new HashMap<String, String>();
        for (var arg : args) {
            var equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0) {
                throw new ConfigError("argument \"" + arg + "\": expected --key=value");
            }
            var key = arg.substring(2, equals);
            if (!known.contains(key)) {
                throw new ConfigError("--" + key + " is not known; known are "
                        + String.join(
                                ", ", known.stream().sorted().map(k -> "--" + k).toList()));
            }
            if (values.put(key, arg.substring(equals + 1)) != null) {
                throw new ConfigError("--" + key + " is given twice");
            }
        }
        return new Arguments(values);
    }

    /** @throws ConfigError if it is missing or empty */
    String required(String key) {
        var value = values.getOrDefault(key, "");
        if (value.isEmpty()) {
            throw new ConfigError("--" + key + " is missing");
        }
        return value;
    }

    String text(String key, String orElse) {
        return values.getOrDefault(key, orElse);
    }

    boolean flag(String key, boolean orElse) {
        var value = values.get(key);
        if (value == null) {
            return orElse;
        }
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ConfigError.of(key, value, "true or false");
        };
    }

    int number(String key, int orElse, int least, int most) {
        var value = values.get(key);
        if (value == null) {
            return orElse;
        }
        try {
            var number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, together with numbers out of range
        }
        throw ConfigError.of(key, value, "a number from " + least + " to " + most);
    }

    Duration duration(String key, Duration orElse) {
        var value = values.get(key);
        if (value == null) {
            return orElse;
        }
        return GoDuration.parse(value)
                .filter(d -> d.isPositive())
                .orElseThrow(() -> ConfigError.of(key, value, "a duration such as 10s or 5m"));
    }

    /** Bytes as a number or a quantity such as 1Gi. */
    long bytes(String key, long orElse) {
        var value = values.get(key);
        if (value == null) {
            return orElse;
        }
        return Quantity.parse(value)
                .filter(Quantity::positive)
                .map(Quantity::roundedUp)
                .orElseThrow(() -> ConfigError.of(key, value, "a number of bytes such as 1073741824 or 1Gi"));
    }
}
