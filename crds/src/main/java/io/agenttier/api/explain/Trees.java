package io.agenttier.api.explain;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Wire records from trees and back. As with any reader of wire records, what a tree has too much is dropped, and what is of a wrong type is
 * absent.
 */
public final class Trees {
    private Trees() {}

    /** The record that a tree says. */
    public static <T extends Record> T record(Class<T> type, Map<?, ?> tree) {
        var components = type.getRecordComponents();
        var values = new @Nullable Object[components.length];
        for (var i = 0; i < components.length; i++) {
            values[i] = value(components[i].getGenericType(), tree.get(components[i].getName()));
        }
        try {
            var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot make a " + type, e);
        }
    }

    /** The tree of a record, without what is absent or empty. */
    public static Map<String, Object> of(Record record) {
        var tree = new LinkedHashMap<String, Object>();
        for (var component : record.getClass().getRecordComponents()) {
            try {
                var value = tree(component.getAccessor().invoke(record));
                if (value != null) {
                    tree.put(component.getName(), value);
                }
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("cannot read " + component, e);
            }
        }
        return tree;
    }

    private static @Nullable Object tree(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Record record -> of(record);
            case List<?> list ->
                list.isEmpty() ? null : list.stream().map(Trees::tree).toList();
            case Map<?, ?> map -> map.isEmpty() ? null : new LinkedHashMap<>(map);
            case Integer number -> number.longValue();
            case OffsetDateTime time -> time.toString();
            default -> value;
        };
    }

    private static @Nullable Object value(Type type, @Nullable Object tree) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class ? list(arguments[0], tree) : map(arguments[1], tree);
        }
        if (type == String.class)
            return tree instanceof Map || tree instanceof List || tree == null ? null : tree.toString();
        if (type == Boolean.class) return tree instanceof Boolean ? tree : null;
        if (type == Long.class) return tree instanceof Long ? tree : null;
        if (type == Integer.class) return integer(tree);
        if (type == boolean.class) return Boolean.TRUE.equals(tree);
        if (type == long.class) return tree instanceof Long ? tree : 0L;
        if (type == int.class) return Objects.requireNonNullElse(integer(tree), 0);
        if (type == OffsetDateTime.class) return time(tree);
        return tree instanceof Map<?, ?> map ? record(((Class<?>) type).asSubclass(Record.class), map) : null;
    }

    private static @Nullable Integer integer(@Nullable Object tree) {
        return tree instanceof Long number && number == number.intValue() ? (Integer) number.intValue() : null;
    }

    private static @Nullable OffsetDateTime time(@Nullable Object tree) {
        try {
            return tree instanceof String text ? OffsetDateTime.parse(text) : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable List<@Nullable Object> list(Type item, @Nullable Object tree) {
        if (!(tree instanceof List<?> items)) {
            return null;
        }
        var list = new ArrayList<@Nullable Object>();
        items.forEach(value -> list.add(value(item, value)));
        return list;
    }

    private static @Nullable Map<String, @Nullable Object> map(Type item, @Nullable Object tree) {
        if (!(tree instanceof Map<?, ?> entries)) {
            return null;
        }
        var map = new LinkedHashMap<String, @Nullable Object>();
        entries.forEach((key, value) -> map.put(String.valueOf(key), value(item, value)));
        return map;
    }
}
