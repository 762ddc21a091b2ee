package io.agenttier.apiserver.route;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.codec.Yaml;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.error.Status;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers that many calls give. */
public final class Answers {
    private static final String JSON = "application/json";
    private static final String YAML = "application/yaml";

    private Answers() {}

    /** A document as one JSON line. */
    public static Answer json(int status, Object document) {
        return new Answer(status, Map.of("Content-Type", JSON), Json.write(document));
    }

    /**
     * A document in the form asked for: JSON, YAML, or with {@code pretty} indented JSON.
     *
     * @throws ApiException 406 if the client takes neither
     */
    public static Answer document(int status, Object document, List<String> accept, boolean pretty) {
        var media = Accept.choose(accept, List.of(JSON, YAML))
                .orElseThrow(() -> new ApiException(new ApiError.NotAcceptable(
                        "only the following media types are accepted: application/json, application/yaml")));
        byte[] body = media.equals(YAML)
                ? Yaml.fromJson(Json.write(document))
                : pretty ? Json.writePretty(document) : Json.write(document);
        return new Answer(status, Map.of("Content-Type", media), body);
    }

    public static Answer text(int status, String text) {
        return new Answer(
                status,
                Map.of("Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"),
                text.getBytes(StandardCharsets.UTF_8));
    }

    /** The {@code metav1.Status} of an error, always JSON. */
    public static Answer error(ApiError error) {
        var status = Status.of(error);
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", JSON);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Cache-Control", "no-cache, private");
        int retry = Status.retrySeconds(error);
        if (retry > 0) {
            headers.put("Retry-After", Integer.toString(retry));
        }
        if (error instanceof ApiError.MethodNotAllowed wrong) {
            headers.put("Allow", String.join(", ", wrong.allowed()));
        }
        return new Answer(status.code(), headers, Json.write(status));
    }
}
