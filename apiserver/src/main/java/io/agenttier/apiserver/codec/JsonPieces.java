package io.agenttier.apiserver.codec;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A JSON document of a client that is read piece by piece, as strictly as {@link Json#read}: doubled fields and text after the end are
 * refused. Every method throws {@link MalformedException} with a message for that client; {@code at} is where a value stands, for messages.
 */
public final class JsonPieces implements AutoCloseable {
    private final JsonParser json;

    private JsonPieces(JsonParser json) {
        this.json = json;
    }

    /** A text is longer than was allowed. */
    public static final class TextTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        private TextTooLongException(Throwable cause) {
            super("a text is too long", cause);
        }
    }

    @FunctionalInterface
    private interface Step<T extends @Nullable Object> {
        T take() throws IOException;
    }

    /**
     * Begins to read an object.
     *
     * @param document closed with this
     * @param maxTextChars of any string that is asked for as text
     */
    public static JsonPieces object(InputStream document, int maxTextChars) throws IOException {
        var pieces = new JsonPieces(Mappers.streaming(maxTextChars).createParser(document));
        var first = step(pieces.json::nextToken);
        if (first != JsonToken.START_OBJECT) {
            pieces.close();
            throw new MalformedException("expected an object");
        }
        return pieces;
    }

    /** The next field of the object whose value is not null; null after the last one. */
    public @Nullable String field() throws IOException {
        while (true) {
            var field = step(json::nextFieldName);
            if (field == null || step(json::nextToken) != JsonToken.VALUE_NULL) {
                return field;
            }
        }
    }

    /** The value is a list: its items come by {@link #item}. */
    public void list(String at, String expected) throws IOException {
        expect(JsonToken.START_ARRAY, at, expected);
    }

    /** Whether the list has another item, which then is the value. */
    public boolean item() throws IOException {
        return step(json::nextToken) != JsonToken.END_ARRAY;
    }

    /** The value is an object: its fields come by {@link #field}. */
    public void object(String at) throws IOException {
        expect(JsonToken.START_OBJECT, at, "an object");
    }

    public String text(String at) throws IOException {
        expect(JsonToken.VALUE_STRING, at, "a string");
        return step(json::getText);
    }

    /** Decodes a string in base64, RFC 4648 with padding, as it is read. */
    public void base64(String at, OutputStream to) throws IOException {
        expect(JsonToken.VALUE_STRING, at, "a string in base64");
        try {
            var _ = step(() -> json.readBinaryValue(Base64Variants.MIME_NO_LINEFEEDS, to));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(at + " is no base64 (RFC 4648, with padding)");
        }
    }

    /** Nothing comes after the document. */
    public void end() throws IOException {
        if (step(json::nextToken) != null) {
            throw new MalformedException("text after the end of the document");
        }
    }

    private void expect(JsonToken wanted, String at, String expected) throws MalformedException {
        if (json.currentToken() != wanted) {
            throw new MalformedException("%s is no valid value, expected %s".formatted(at, expected));
        }
    }

    private static <T extends @Nullable Object> T step(Step<T> step) throws IOException {
        try {
            return step.take();
        } catch (StreamConstraintsException e) {
            throw new TextTooLongException(e);
        } catch (JsonProcessingException e) {
            throw new MalformedException(Complaint.of(e));
        }
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
