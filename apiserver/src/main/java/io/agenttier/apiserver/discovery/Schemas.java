package io.agenttier.apiserver.discovery;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON schemas as maps, in the subset that OpenAPI v2 and v3 share. */
final class Schemas {
    private Schemas() {}

    static Map<String, Object> string(String description) {
        return described("string", description);
    }

    /** @param format for example {@code byte} or {@code date-time} */
    static Map<String, Object> string(String format, String description) {
        return with(string(description), "format", format);
    }

    static Map<String, Object> oneOf(List<String> values, String description) {
        return with(string(description), "enum", values);
    }

    static Map<String, Object> integer(String description) {
        return with(described("integer", description), "format", "int64");
    }

    static Map<String, Object> flag(String description) {
        return described("boolean", description);
    }

    static Map<String, Object> list(Map<String, Object> items, String description) {
        return with(described("array", description), "items", items);
    }

    static Map<String, Object> strings(String description) {
        return list(Map.of("type", "string"), description);
    }

    static Map<String, Object> stringMap(String description) {
        return with(described("object", description), "additionalProperties", Map.of("type", "string"));
    }

    static Map<String, Object> object(String description, List<String> required, Map<String, Object> properties) {
        var schema = with(described("object", description), "properties", properties);
        return required.isEmpty() ? schema : with(schema, "required", required);
    }

    static Map<String, Object> properties(Object... namesAndSchemas) {
        var properties = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndSchemas.length; i += 2) {
            properties.put((String) namesAndSchemas[i], namesAndSchemas[i + 1]);
        }
        return properties;
    }

    static Map<String, Object> with(Map<String, Object> schema, String key, Object value) {
        var more = new LinkedHashMap<>(schema);
        more.put(key, value);
        return more;
    }

    private static Map<String, Object> described(String type, String description) {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("description", description);
        schema.put("type", type);
        return schema;
    }
}
