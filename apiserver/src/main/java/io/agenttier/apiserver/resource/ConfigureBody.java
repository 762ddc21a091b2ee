package io.agenttier.apiserver.resource;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.SandboxConfigureRequest.File;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of POST {@code configure} piece by piece, since it may have more than a hundred megabytes: of these only the contents of the
 * files are kept, as bytes, and their memory is taken from the budget.
 */
final class ConfigureBody {
    /** All files in base64, and the rest. */
    static final long MAX_BODY = 192L << 20;

    static final int MAX_FILE = 32 << 20;
    static final int MAX_FILES = 200;
    static final long MAX_TOTAL = 128L << 20;

    private static final int MAX_ITEMS = 1000;

    private final JsonParser json;
    private final MemoryBudget.Share memory;
    private final String sandbox;
    private long total;

    private ConfigureBody(JsonParser json, MemoryBudget.Share memory, String sandbox) {
        this.json = json;
        this.memory = memory;
        this.sandbox = sandbox;
    }

    /**
     * @param memory is held as long as the request is used
     * @throws ApiException 400 for what is no such document, 413 beyond a limit, 429 if there is no memory now
     * @throws IOException the client went away meanwhile
     */
    static SandboxConfigureRequest read(InputStream body, MemoryBudget.Share memory, String sandbox)
            throws IOException {
        try (var json = Json.parser(body, MAX_FILE / 3 * 4 + 4)) {
            return new ConfigureBody(json, memory, sandbox).document();
        } catch (StreamConstraintsException e) {
            throw new ApiException(new ApiError.TooLarge(
                    "a text of the request body is longer than a file of %d bytes, the limit: write larger ones by \"files\" before"
                            .formatted(MAX_FILE)));
        } catch (JsonProcessingException e) {
            throw malformed(Json.complaint(e));
        }
    }

    private SandboxConfigureRequest document() throws IOException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the request body", "an object");
        String apiVersion = null;
        String kind = null;
        List<File> files = List.of();
        List<String> installCommand = null;
        String installScript = null;
        List<String> entrypoint = null;
        for (var field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (field) {
                case "apiVersion" -> apiVersion = text(field);
                case "kind" -> kind = text(field);
                case "files" -> files = files();
                case "installCommand" -> installCommand = texts(field);
                case "installScript" -> installScript = text(field);
                case "entrypoint" -> entrypoint = texts(field);
                default -> throw unknown(field, "files, installCommand, installScript, entrypoint");
            }
        }
        if (json.nextToken() != null) {
            throw malformed("text after the end of the document");
        }
        return new SandboxConfigureRequest(apiVersion, kind, files, installCommand, installScript, entrypoint);
    }

    private List<File> files() throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, "files", "a list");
        var files = new ArrayList<File>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (files.size() == MAX_FILES) {
                throw new ApiException(new ApiError.TooLarge(
                        "files has more than %d items, the limit: write others by \"files\" before"
                                .formatted(MAX_FILES)));
            }
            files.add(file("files[%d]".formatted(files.size())));
        }
        return files;
    }

    private File file(String at) throws IOException {
        expect(json.currentToken(), JsonToken.START_OBJECT, at, "an object");
        var path = "";
        Optional<byte[]> text = Optional.empty();
        Optional<byte[]> bytes = Optional.empty();
        for (var field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (field) {
                case "path" -> path = text(at + ".path");
                case "content" -> text = Optional.of(content(at));
                case "contentBase64" -> bytes = Optional.of(base64(at));
                default -> throw unknown(at + "." + field, "path, content, contentBase64");
            }
        }
        var whole = text;
        boolean twice = text.isPresent() && bytes.isPresent();
        return new File(path, bytes.or(() -> whole).orElse(null), bytes.isPresent(), twice);
    }

    private byte[] content(String at) throws IOException {
        var content = text(at + ".content").getBytes(StandardCharsets.UTF_8);
        pay(2L * content.length);
        take(at, content.length);
        return content;
    }

    private byte[] base64(String at) throws IOException {
        expect(json.currentToken(), JsonToken.VALUE_STRING, at + ".contentBase64", "a string in base64");
        var bytes = new FileBytes(at);
        try {
            var _ = json.readBinaryValue(Base64Variants.MIME_NO_LINEFEEDS, bytes);
        } catch (IllegalArgumentException e) {
            throw malformed("%s.contentBase64 is no base64 (RFC 4648, with padding)".formatted(at));
        }
        take(at, bytes.size());
        return bytes.toByteArray();
    }

    /** Counts a file against the limit for all. */
    private void take(String at, int bytes) {
        if (bytes > MAX_FILE) {
            throw fileTooLarge(at);
        }
        total += bytes;
        if (total > MAX_TOTAL) {
            throw new ApiException(new ApiError.TooLarge(
                    "the files have more than %d bytes together, the limit, with %s: write large ones by \"files\" before"
                            .formatted(MAX_TOTAL, at)));
        }
    }

    private void pay(long bytes) {
        if (!memory.grow(bytes)) {
            throw new ApiException(new ApiError.TooManyRequests(
                    "too many large requests are under way, this one for sandbox \"%s\" must wait: try again"
                            .formatted(sandbox),
                    Duration.ofSeconds(1)));
        }
    }

    private static ApiException fileTooLarge(String at) {
        return new ApiException(new ApiError.TooLarge(
                "%s has more than %d bytes, the limit: write it by \"files\" before".formatted(at, MAX_FILE)));
    }

    private String text(String at) throws IOException {
        expect(json.currentToken(), JsonToken.VALUE_STRING, at, "a string");
        return json.getText();
    }

    private List<String> texts(String at) throws IOException {
        expect(json.currentToken(), JsonToken.START_ARRAY, at, "a list of strings");
        var texts = new ArrayList<String>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (texts.size() == MAX_ITEMS) {
                throw malformed("%s has more than %d items".formatted(at, MAX_ITEMS));
            }
            texts.add(text("%s[%d]".formatted(at, texts.size())));
        }
        return texts;
    }

    private static void expect(@Nullable JsonToken found, JsonToken wanted, String at, String expected) {
        if (found != wanted) {
            throw malformed("%s is no valid value, expected %s".formatted(at, expected));
        }
    }

    private static ApiException unknown(String field, String expected) {
        return malformed("unknown field \"%s\", expected one of %s".formatted(Parameters.printable(field), expected));
    }

    private static ApiException malformed(String what) {
        return new ApiException(new ApiError.BadRequest(
                "the request body is no valid %s: %s".formatted(SandboxConfigureRequest.KIND, what)));
    }

    /** Bytes of one file, paid for as they come. */
    private final class FileBytes extends OutputStream {
        private static final int STEP_BYTES = 512 * 1024;
        /** The array grows by doubling and is copied at the end. */
        private static final int TIMES = 2;

        private final String at;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long paid;

        FileBytes(String at) {
            this.at = at;
        }

        int size() {
            return bytes.size();
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            long next = bytes.size() + (long) length;
            if (next > MAX_FILE) {
                throw fileTooLarge(at);
            }
            while (next > paid) {
                pay((long) STEP_BYTES * TIMES);
                paid += STEP_BYTES;
            }
            bytes.write(from, offset, length);
        }
    }
}
