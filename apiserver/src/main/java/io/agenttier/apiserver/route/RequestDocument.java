package io.agenttier.apiserver.route;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.MalformedException;
import io.agenttier.apiserver.codec.Yaml;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** The body of a request as one JSON or YAML document. */
public final class RequestDocument {
    private RequestDocument() {}

    /**
     * Reads the whole body and binds it.
     *
     * @param maxBytes a longer body is 413
     * @throws ApiException 400 for what is no such document (names the field), 413, 415 for another media type
     * @throws IOException the client went away meanwhile
     */
    public static <T> T read(Call call, Exchange exchange, long maxBytes, Class<T> type) throws IOException {
        return read(call, exchange.body(maxBytes), type);
    }

    /** As {@link #read(Call, Exchange, long, Class)}, from a stream that sets the limit; it is closed. */
    public static <T> T read(Call call, InputStream content, Class<T> type) throws IOException {
        byte[] bytes;
        boolean yaml;
        try (content) {
            yaml = isYaml(call.header("content-type").orElse("application/json"));
            bytes = content.readAllBytes();
        }
        try {
            return yaml ? Yaml.read(bytes, type) : Json.read(bytes, type);
        } catch (MalformedException e) {
            throw malformed(type, e);
        }
    }

    /** As {@link #read(Call, InputStream, Class)}, of a body whose media type has been seen to be a kind of JSON. */
    public static <T> T readJson(InputStream content, Class<T> type) throws IOException {
        try (content) {
            return Json.read(content.readAllBytes(), type);
        } catch (MalformedException e) {
            throw malformed(type, e);
        }
    }

    private static ApiException malformed(Class<?> type, MalformedException e) {
        return new ApiException(new ApiError.BadRequest(
                "the request body is no valid %s: %s".formatted(type.getSimpleName(), e.getMessage())));
    }

    private static boolean isYaml(String contentType) {
        var media = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (media) {
            case "application/json", "*/*", "" -> false;
            case "application/yaml", "application/x-yaml", "text/yaml" -> true;
            default ->
                throw new ApiException(new ApiError.UnsupportedMediaType(
                        "the body has media type \"%s\", expected application/json or application/yaml"
                                .formatted(media)));
        };
    }
}
