package io.agenttier.api.merge;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** How scalars, objects and maps of two layers become one. */
final class Leaves {
    private Leaves() {}

    /** The value of the nearest layer that has one; false, 0 and the empty string are values. */
    static <T> @Nullable T nearest(@Nullable T nearer, @Nullable T farther) {
        return nearer != null ? nearer : farther;
    }

    /** The object of the only layer that has it, else both merged by {@code rule} (nearer first). */
    static <T> @Nullable T object(@Nullable T nearer, @Nullable T farther, BinaryOperator<T> rule) {
        if (nearer == null) return farther;
        return farther == null ? nearer : rule.apply(nearer, farther);
    }

    /** Entry by entry, the nearest layer that has the key wins; keys of the farther layer first. */
    static Map<String, String> entries(Map<String, String> nearer, Map<String, String> farther) {
        var merged = new LinkedHashMap<>(farther);
        merged.putAll(nearer);
        return merged;
    }
}
