package io.agenttier.apiserver.sandboxd;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Method, target and header fields of one request.
 *
 * @param target path and query, percent-encoded
 * @param fields further fields; values hold no control characters
 */
record Request(String method, String target, Operation operation, Map<String, String> fields) {
    Request {
        fields = Map.copyOf(fields);
        for (var field : fields.entrySet()) {
            if (!field.getValue().chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
                throw new IllegalArgumentException(
                        "header field %s holds a control character or one beyond ASCII".formatted(field.getKey()));
            }
        }
    }

    static Request of(String method, String target, Operation operation) {
        return new Request(method, target, operation, Map.of());
    }

    Request with(String field, String value) {
        var more = new LinkedHashMap<>(fields);
        more.put(field, value);
        return new Request(method, target, operation, more);
    }

    /** Whether sending it twice is the same as once. */
    boolean isSafe() {
        return method.equals("GET");
    }

    /** Request line and header fields with the empty line. */
    byte[] head(Endpoint endpoint, String token) {
        var head = new StringBuilder(1024);
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(endpoint.serverName()).append("\r\n");
        head.append("Authorization: Bearer ").append(token).append("\r\n");
        fields.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** A path segment or a query value. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
