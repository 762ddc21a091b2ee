package io.agenttier.cli.fake;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A request as the fake server got it.
 *
 * @param target path with query, as sent
 * @param headers last value of each, names in lower case
 * @param latin1 the body, a character a byte
 */
public record Call(String method, String target, Map<String, String> headers, String latin1) {
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** Raw value of a query parameter, empty if there is none. */
    public String query(String key) {
        int start = target.indexOf('?');
        if (start < 0) {
            return "";
        }
        for (var pair : target.substring(start + 1).split("&", -1)) {
            if (pair.startsWith(key + "=")) {
                return pair.substring(key.length() + 1);
            }
        }
        return "";
    }

    public String text() {
        return new String(body(), StandardCharsets.UTF_8);
    }

    public byte[] body() {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    public String header(String name) {
        return headers.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        return method + " " + target;
    }
}
