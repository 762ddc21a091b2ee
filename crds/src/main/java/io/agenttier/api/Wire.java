package io.agenttier.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What wire records make of fields that were absent or null: they normalise and never refuse, so one bad object cannot block a list. */
final class Wire {
    private Wire() {}

    /** The list without its null elements; empty when absent. */
    static <T> List<T> list(@Nullable List<T> wire) {
        return wire == null ? List.of() : wire.stream().filter(Objects::nonNull).toList();
    }

    /** The map in its order without null keys and values; empty when absent. */
    static <V> Map<String, V> map(@Nullable Map<String, V> wire) {
        if (wire == null || wire.isEmpty()) return Map.of();
        var kept = new LinkedHashMap<String, V>();
        wire.forEach((key, value) -> {
            if (key != null && value != null) kept.put(key, value);
        });
        return Collections.unmodifiableMap(kept);
    }

    /** The text of a required field; the empty string when absent, as in Go. */
    static String text(@Nullable String wire) {
        return wire == null ? "" : wire;
    }

    /** The value of a required object; {@code absent} when absent. */
    static <T> T orElse(@Nullable T wire, T absent) {
        return wire == null ? absent : wire;
    }
}
