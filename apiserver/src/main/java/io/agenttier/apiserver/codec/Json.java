package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * JSON to records and back. Records bind by component name; absent components arrive as null (primitives: zero), absent and null ones
 * are not written. {@code byte[]} is base64, {@code Instant} is RFC 3339.
 */
public final class Json {
    private static final ObjectMapper STRICT = Mappers.strict(Mappers.json());
    private static final ObjectMapper TOLERANT = Mappers.tolerant(Mappers.json());

    private Json() {}

    /**
     * Reads a document of a client: an unknown or doubled field, a number for a string or text after the end is refused.
     *
     * @throws MalformedException with a message for that client
     */
    public static <T> T read(byte[] json, Class<T> type) throws MalformedException {
        return bind(STRICT, json, type);
    }

    /**
     * Reads a document of another program, for example sandboxd: fields that are not components of {@code type} are passed over.
     *
     * @throws MalformedException if it is no JSON or a field has another type
     */
    public static <T> T readTolerant(byte[] json, Class<T> type) throws MalformedException {
        return bind(TOLERANT, json, type);
    }

    /**
     * As {@link #readTolerant(byte[], Class)} for a record with one type parameter.
     *
     * @param parameter its argument
     */
    public static Object readTolerant(byte[] json, Class<?> type, Class<?> parameter) throws MalformedException {
        return bind(TOLERANT, json, TOLERANT.getTypeFactory().constructParametricType(type, parameter));
    }

    /**
     * Reads any JSON object: values are {@code String}, {@code Number}, {@code Boolean}, {@code List} and {@code Map} of these, or null.
     *
     * @throws MalformedException if it is no JSON object
     */
    public static Map<String, Object> object(byte[] json) throws MalformedException {
        if (!(bind(TOLERANT, json, JsonNode.class) instanceof ObjectNode node)) {
            throw new MalformedException("expected a JSON object");
        }
        return TOLERANT.convertValue(
                node, TOLERANT.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class));
    }

    /** One line of JSON in UTF-8. */
    public static byte[] write(Object value) {
        try {
            return STRICT.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** JSON for people, indented, with a line break at the end. */
    public static byte[] writePretty(Object value) {
        try {
            var pretty = STRICT.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
            return pretty.getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <T> T bind(ObjectMapper mapper, byte[] document, Class<T> type) throws MalformedException {
        return type.cast(bind(mapper, document, mapper.constructType(type)));
    }

    private static Object bind(ObjectMapper mapper, byte[] document, JavaType type) throws MalformedException {
        Object value;
        try {
            value = mapper.readValue(document, type);
        } catch (IOException e) {
            throw new MalformedException(Complaint.of(e));
        }
        if (value == null) {
            throw new MalformedException("expected an object, got null");
        }
        return value;
    }
}
