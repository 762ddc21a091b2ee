package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** YAML as Kubernetes clients send and ask for it: one document, JSON types only, aliases and nesting bounded. */
public final class Yaml {
    private static final ObjectMapper YAML = Mappers.strict(Mappers.yaml());
    private static final ObjectMapper JSON = Mappers.strict(Mappers.json());

    private Yaml() {}

    /**
     * Reads a document of a client as strictly as {@link Json#read}.
     *
     * @throws MalformedException with a message for that client
     */
    public static <T> T read(byte[] yaml, Class<T> type) throws MalformedException {
        return Json.bind(YAML, yaml, type);
    }

    /**
     * The same document in YAML.
     *
     * @param json a document that {@link Json#write} made
     */
    public static byte[] fromJson(byte[] json) {
        try {
            return YAML.writeValueAsBytes(JSON.readValue(json, JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
