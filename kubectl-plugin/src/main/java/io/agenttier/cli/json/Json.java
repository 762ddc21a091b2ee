package io.agenttier.cli.json;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One value of a document: an object, a list, a text, a number, a truth value, null, or absent. Questions of the wrong type answer as if the
 * value were absent, since what a newer server says must not break an older client.
 */
public final class Json {
    /** What is not there. */
    public static final Json ABSENT = new Json(null);

    private final @Nullable Object value;

    private Json(@Nullable Object value) {
        this.value = value;
    }

    /** @param value a Map, List, String, Long, Double, Boolean or null, as {@link JsonReader} makes them */
    static Json of(@Nullable Object value) {
        return value == null ? ABSENT : new Json(value);
    }

    /** The value under these keys, one after the other. */
    public Json at(String... keys) {
        Object here = value;
        for (var key : keys) {
            if (!(here instanceof Map<?, ?> map)) {
                return ABSENT;
            }
            here = map.get(key);
        }
        return of(here);
    }

    public boolean isAbsent() {
        return value == null;
    }

    public boolean isObject() {
        return value instanceof Map<?, ?>;
    }

    /** Fields of an object; empty for anything else. */
    public Map<?, ?> object() {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    public boolean isTrue() {
        return Boolean.TRUE.equals(value);
    }

    public Optional<String> text() {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** The text, empty if there is none. */
    public String textOrEmpty() {
        return value instanceof String text ? text : "";
    }

    /** A whole number; empty for fractions. */
    public OptionalLong number() {
        return value instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
    }

    /** Items of a list; empty for anything else. */
    public List<Json> items() {
        return value instanceof List<?> list ? list.stream().map(Json::of).toList() : List.of();
    }

    /** As one line of JSON. */
    @Override
    public String toString() {
        return JsonWriter.compact(value);
    }

    /** As JSON for people: indented by two. */
    public String pretty() {
        return JsonWriter.pretty(value);
    }
}
