package io.agenttier.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** Reads one document. Depth and lengths are bounded; a key that stands twice in an object is refused, since readers differ on such. */
public final class JsonReader {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_TEXT = 32 * 1024 * 1024;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_TEXT)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonReader() {}

    /** @throws MalformedJsonException if it is anything but exactly one document */
    public static Json parse(byte[] document) throws MalformedJsonException {
        try (var parser = FACTORY.createParser(document)) {
            return whole(parser);
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /** @throws MalformedJsonException if it is anything but exactly one document */
    public static Json parse(String document) throws MalformedJsonException {
        try (var parser = FACTORY.createParser(document)) {
            return whole(parser);
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    private static Json whole(JsonParser parser) throws IOException {
        var value = value(parser, parser.nextToken());
        if (parser.nextToken() != null) {
            throw new MalformedJsonException("more text after the end of the document");
        }
        return Json.of(value);
    }

    private static @Nullable Object value(JsonParser parser, @Nullable JsonToken token) throws IOException {
        if (token == null) {
            throw new MalformedJsonException("the document is empty or ends too early");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> list(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> whole(parser.getText());
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new MalformedJsonException("unexpected " + token);
        };
    }

    private static Object whole(String digits) {
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            return Double.valueOf(digits);
        }
    }

    private static Object object(JsonParser parser) throws IOException {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (var token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            if (token != JsonToken.FIELD_NAME) {
                throw new MalformedJsonException("the document ends within an object");
            }
            var key = parser.getText();
            object.put(key, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static Object list(JsonParser parser) throws IOException {
        var list = new ArrayList<@Nullable Object>();
        for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(value(parser, token));
        }
        return list;
    }

    private static MalformedJsonException malformed(IOException e) {
        if (e instanceof MalformedJsonException malformed) {
            return malformed;
        }
        var message = e instanceof JsonProcessingException syntax ? syntax.getOriginalMessage() : e.getMessage();
        return new MalformedJsonException(message == null ? "no JSON" : message);
    }
}
