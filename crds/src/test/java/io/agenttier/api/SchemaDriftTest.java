package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds the records to the CRDs, both ways. */
class SchemaDriftTest {
    static final List<CrdFile> CRDS = CrdFile.ALL;

    private final List<String> drift = new ArrayList<>();

    @ParameterizedTest
    @FieldSource("CRDS")
    void everyPropertyIsARecordComponentOfItsTypeAndTheOtherWayRound(CrdFile crd) {
        compareRecord(crd.toString(), crd.type(), crd.schema());
        assertThat(drift).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("CRDS")
    void theNamesOfTheKindAreThoseOfItsRecord(CrdFile crd) {
        var spec = CrdFile.map(crd.definition().get("spec"));
        assertThat(spec.get("group")).isEqualTo(ApiGroup.GROUP);
        assertThat(crd.version().get("name")).isEqualTo(ApiGroup.VERSION);
        var names = CrdFile.map(spec.get("names"));
        assertThat(names).containsEntry("kind", crd.type().getSimpleName()).containsEntry("plural", crd.plural());
    }

    private void compareRecord(String path, Class<?> type, Map<String, Object> schema) {
        var properties = CrdFile.properties(schema);
        var components = new TreeSet<String>();
        for (var component : type.getRecordComponents()) {
            components.add(component.getName());
            var at = path + "." + component.getName();
            if (component.getType() == ObjectMeta.class) continue;
            if (properties.get(component.getName()) instanceof Map<?, ?> property) {
                compare(at, component.getGenericType(), CrdFile.map(property));
                compareAbsence(at, component, schema);
            } else {
                drift.add(at + ": the record has it, the schema does not");
            }
        }
        properties.keySet().stream()
                .filter(name -> !components.contains(name))
                .forEach(name -> drift.add(path + "." + name + ": the schema has it, the record does not"));
    }

    /** What the schema requires is never null in the record; optional scalars and objects may be. */
    private void compareAbsence(String at, RecordComponent component, Map<String, Object> schema) {
        var required = schema.get("required") instanceof List<?> names && names.contains(component.getName());
        var nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        if (required && nullable && component.getType() != OffsetDateTime.class)
            drift.add(at + ": required, but may be null");
        if (!required
                && component.getType() == String.class
                && !nullable
                && !at.matches("[a-z]+\\.(kind|apiVersion)")) {
            drift.add(at + ": optional, but cannot be null");
        }
    }

    private void compare(String at, Type type, Map<String, Object> schema) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            if (expect(at, schema, "array"))
                compare(at + "[]", generic.getActualTypeArguments()[0], CrdFile.map(schema.get("items")));
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == Map.class) {
            if (!expect(at, schema, "object")) return;
            if (!(schema.get("additionalProperties") instanceof Map<?, ?> values))
                drift.add(at + ": a map, but the schema has fixed properties");
            else compare(at + "{}", generic.getActualTypeArguments()[1], CrdFile.map(values));
        } else if (type instanceof Class<?> record && record.isRecord()) {
            if (expect(at, schema, "object")) compareRecord(at, record, schema);
        } else if (!words(schema).contains(type)) {
            drift.add(at + ": the record has " + type.getTypeName() + ", the schema " + schema.get("type") + " "
                    + schema.get("format"));
        }
    }

    private boolean expect(String at, Map<String, Object> schema, String expected) {
        var fits = expected.equals(schema.get("type"));
        if (!fits) drift.add(at + ": expected type " + expected + ", the schema has " + schema.get("type"));
        return fits;
    }

    /** Java types that can hold every value of a scalar schema. */
    private static List<Type> words(Map<String, Object> schema) {
        if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) return List.of(String.class);
        return switch (schema.get("type") + "/" + schema.get("format")) {
            case "string/null" -> List.of(String.class);
            case "string/date-time" -> List.of(OffsetDateTime.class);
            case "boolean/null" -> List.of(Boolean.class);
            case "integer/int32" -> List.of(Integer.class, int.class);
            case "integer/int64" -> List.of(Long.class, long.class);
            default -> List.of();
        };
    }
}
