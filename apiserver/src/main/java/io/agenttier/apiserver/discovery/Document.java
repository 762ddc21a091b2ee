package io.agenttier.apiserver.discovery;

import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Incoming;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A document that never changes while this program runs, with its entity tag: ready answers, nothing is made for a request. */
final class Document {
    private final String hash;
    private final Answer whole;
    private final Answer unchanged;
    private final Answer immutable;

    private Document(String mediaType, byte[] bytes) {
        this.hash = sha512(bytes);
        var tag = "\"" + hash + "\"";
        this.whole = new Answer(200, headers(mediaType, tag, "no-cache"), bytes);
        this.immutable = new Answer(200, headers(mediaType, tag, "public, immutable"), bytes);
        this.unchanged = new Answer(304, Map.of("ETag", tag, "Vary", "Accept"), new byte[0]);
    }

    static Document json(Object content) {
        return of("application/json", content);
    }

    /** @param mediaType sent as {@code Content-Type}, parameters included */
    static Document of(String mediaType, Object content) {
        return new Document(mediaType, Json.write(content));
    }

    /** SHA-512 of the bytes, upper-case hexadecimal. */
    String hash() {
        return hash;
    }

    /** The whole document, or 304 if the client has it. */
    Answer answer(Incoming incoming) {
        return incoming.headers().getOrDefault("if-none-match", List.of()).stream()
                        .anyMatch(line -> line.equals("*") || line.contains("\"" + hash + "\""))
                ? unchanged
                : whole;
    }

    /** The document for a URL that names its hash, so that it never changes there. */
    Answer immutable() {
        return immutable;
    }

    private static Map<String, String> headers(String mediaType, String tag, String cache) {
        return Map.of("Content-Type", mediaType, "ETag", tag, "Vary", "Accept", "Cache-Control", cache);
    }

    private static String sha512(byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-512").digest(bytes))
                    .toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }
}
