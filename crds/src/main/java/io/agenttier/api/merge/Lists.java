package io.agenttier.api.merge;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;

/** The three ways in which lists of two layers become one. Absent and empty lists are the same and change nothing. */
final class Lists {
    private Lists() {}

    /** Items by key, those of the farther layer first; an item of the nearer layer takes the place of the one of its key as a whole. */
    static <T, K> List<T> byKey(List<T> nearer, List<T> farther, Function<T, K> key) {
        var merged = new LinkedHashMap<K, T>();
        farther.forEach(item -> merged.put(key.apply(item), item));
        nearer.forEach(item -> merged.put(key.apply(item), item));
        return List.copyOf(merged.values());
    }

    /** All items, those of the farther layer first, equal ones once. */
    static <T> List<T> append(List<T> nearer, List<T> farther) {
        var merged = new LinkedHashSet<>(farther);
        merged.addAll(nearer);
        return List.copyOf(merged);
    }

    /** The list of the nearest layer that has one. */
    static <T> List<T> replace(List<T> nearer, List<T> farther) {
        return nearer.isEmpty() ? farther : nearer;
    }
}
