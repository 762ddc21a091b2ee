package io.agenttier.cli.transport;

import java.nio.charset.StandardCharsets;

/** Paths of our objects and subresources, percent-encoded. Immutable: {@link #query} answers a longer one. */
public final class ApiPath {
    /** Discovery document of our kinds, and where they are. */
    public static final String OBJECTS = "/apis/agenttier.io/v1alpha1";

    /** Discovery document of the subresources, answered by our own API server. */
    public static final String SUBRESOURCES = "/apis/agenttier.io/subresources-v1alpha1";

    private static final String UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    private final String text;
    private final boolean hasQuery;

    private ApiPath(String text, boolean hasQuery) {
        this.text = text;
        this.hasQuery = hasQuery;
    }

    /** All objects of a kind in a namespace; {@code plural} for example {@code sandboxes}. */
    public static ApiPath objects(String namespace, String plural) {
        return new ApiPath(OBJECTS + "/namespaces/" + encode(namespace) + "/" + plural, false);
    }

    public static ApiPath object(String namespace, String plural, String name) {
        return new ApiPath(objects(namespace, plural).text + "/" + encode(name), false);
    }

    public static ApiPath clusterObject(String plural, String name) {
        return new ApiPath(OBJECTS + "/" + plural + "/" + encode(name), false);
    }

    public static ApiPath configMap(String namespace, String name) {
        return new ApiPath("/api/v1/namespaces/" + encode(namespace) + "/configmaps/" + encode(name), false);
    }

    /** {@code subresource} for example {@code exec}. */
    public static ApiPath subresource(String namespace, String sandbox, String subresource) {
        return new ApiPath(
                SUBRESOURCES + "/namespaces/" + encode(namespace) + "/sandboxes/" + encode(sandbox) + "/" + subresource,
                false);
    }

    public ApiPath query(String key, String value) {
        return new ApiPath(text + (hasQuery ? "&" : "?") + encode(key) + "=" + encode(value), true);
    }

    @Override
    public String toString() {
        return text;
    }

    private static String encode(String part) {
        var encoded = new StringBuilder(part.length() + 16);
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (UNRESERVED.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%');
                encoded.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
                encoded.append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
            }
        }
        return encoded.toString();
    }
}
