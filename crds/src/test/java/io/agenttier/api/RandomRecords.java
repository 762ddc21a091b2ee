package io.agenttier.api;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Random wire records from a seeded generator. Texts come from a small alphabet, so that keys of two records often meet. */
public record RandomRecords(RandomGenerator random, boolean full) {
    private static final List<String> WORDS = List.of("a", "b", "c", "d", "e");

    /** A record whose optional parts may be absent. */
    public <T extends Record> T next(Class<T> type) {
        return type.cast(record(type));
    }

    private Object record(Class<?> type) {
        var components = type.getRecordComponents();
        var values = Stream.of(components).map(this::component).toArray();
        try {
            var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot make a " + type, e);
        }
    }

    private @Nullable Object component(RecordComponent component) {
        var optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        return optional && !full && random.nextBoolean() ? null : value(component.getGenericType());
    }

    /** A value of that type; never null, and not empty where all parts are wanted. */
    Object value(Type type) {
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == List.class ? list(generic.getActualTypeArguments()[0]) : map();
        }
        if (type == String.class) return word();
        if (type == Boolean.class || type == boolean.class) return full || random.nextBoolean();
        if (type == Integer.class || type == int.class) return random.nextInt(1, 5);
        if (type == Long.class || type == long.class) return random.nextLong(1, 5);
        if (type == OffsetDateTime.class)
            return Instant.ofEpochSecond(random.nextInt(1_000_000)).atOffset(ZoneOffset.UTC);
        return record((Class<?>) type);
    }

    private String word() {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    /** Distinct items whose keys differ, as the schema demands of lists with a key. */
    private List<Object> list(Type item) {
        var items = new LinkedHashMap<Object, Object>();
        for (var i = random.nextInt(full ? 1 : 0, 4); i > 0; i--) {
            var value = value(item);
            items.putIfAbsent(value instanceof Record record ? key(record) : value, value);
        }
        return new ArrayList<>(items.values());
    }

    private static Object key(Record record) {
        return switch (record) {
            case EnvVar variable -> variable.name();
            case SeedFile file -> file.path();
            case DeclaredPort port -> port.port();
            case Container container -> container.name();
            case Tool tool -> tool.name();
            case Skill skill -> skill.name();
            default -> record;
        };
    }

    private Map<String, String> map() {
        var entries = new LinkedHashMap<String, String>();
        for (var i = random.nextInt(full ? 1 : 0, 4); i > 0; i--) entries.put(word(), word());
        return entries;
    }
}
