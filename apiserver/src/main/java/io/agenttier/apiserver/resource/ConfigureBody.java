package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.JsonPieces;
import io.agenttier.apiserver.codec.MalformedException;
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

/**
 * Reads the body of POST {@code configure} piece by piece, since it may have more than a hundred megabytes: of these only the contents of the
 * files are kept, as bytes, and their memory is taken from the budget.
 */
final class ConfigureBody {
    private static final int MAX_ITEMS = 1000;

    private final JsonPieces json;
    private final ConfigureLimits limits;
    private final MemoryBudget.Share memory;
    private final String sandbox;
    private long total;

    private ConfigureBody(JsonPieces json, ConfigureLimits limits, MemoryBudget.Share memory, String sandbox) {
        this.json = json;
        this.limits = limits;
        this.memory = memory;
        this.sandbox = sandbox;
    }

    /**
     * @param memory is held as long as the request is used
     * @throws ApiException 400 for what is no such document, 413 beyond a limit, 429 if there is no memory now
     * @throws IOException the client went away meanwhile
     */
    static SandboxConfigureRequest read(
            InputStream body, ConfigureLimits limits, MemoryBudget.Share memory, String sandbox) throws IOException {
        try (var json = JsonPieces.object(body, limits.fileBytes() / 3 * 4 + 4)) {
            return new ConfigureBody(json, limits, memory, sandbox).document();
        } catch (JsonPieces.TextTooLongException e) {
            throw new ApiException(new ApiError.TooLarge(
                    "a text of the request body is longer than a file of %d bytes, the limit: write larger ones by \"files\" before"
                            .formatted(limits.fileBytes())));
        } catch (MalformedException e) {
            throw new ApiException(new ApiError.BadRequest(
                    "the request body is no valid %s: %s".formatted(SandboxConfigureRequest.KIND, e.getMessage())));
        }
    }

    private SandboxConfigureRequest document() throws IOException {
        String apiVersion = null;
        String kind = null;
        List<File> files = List.of();
        List<String> installCommand = null;
        String installScript = null;
        List<String> entrypoint = null;
        for (var field = json.field(); field != null; field = json.field()) {
            switch (field) {
                case "apiVersion" -> apiVersion = json.text(field);
                case "kind" -> kind = json.text(field);
                case "files" -> files = files();
                case "installCommand" -> installCommand = texts(field);
                case "installScript" -> installScript = json.text(field);
                case "entrypoint" -> entrypoint = texts(field);
                default -> throw unknown(field, "files, installCommand, installScript, entrypoint");
            }
        }
        json.end();
        return new SandboxConfigureRequest(apiVersion, kind, files, installCommand, installScript, entrypoint);
    }

    private List<File> files() throws IOException {
        json.list("files", "a list");
        var files = new ArrayList<File>();
        while (json.item()) {
            if (files.size() == limits.files()) {
                throw new ApiException(new ApiError.TooLarge(
                        "files has more than %d items, the limit: write others by \"files\" before"
                                .formatted(limits.files())));
            }
            files.add(file("files[%d]".formatted(files.size())));
        }
        return files;
    }

    private File file(String at) throws IOException {
        json.object(at);
        var path = "";
        Optional<byte[]> text = Optional.empty();
        Optional<byte[]> bytes = Optional.empty();
        for (var field = json.field(); field != null; field = json.field()) {
            switch (field) {
                case "path" -> path = json.text(at + ".path");
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
        var content = json.text(at + ".content").getBytes(StandardCharsets.UTF_8);
        pay(2L * content.length);
        take(at, content.length);
        memory.shrink(content.length); // the text is gone
        return content;
    }

    private byte[] base64(String at) throws IOException {
        var bytes = new FileBytes(at);
        json.base64(at + ".contentBase64", bytes);
        take(at, bytes.size());
        var whole = bytes.toByteArray();
        memory.shrink(bytes.paid() - whole.length);
        return whole;
    }

    /** Counts a file against the limit for all. */
    private void take(String at, int bytes) {
        if (bytes > limits.fileBytes()) {
            throw fileTooLarge(at);
        }
        total += bytes;
        if (total > limits.totalBytes()) {
            throw new ApiException(new ApiError.TooLarge(
                    "the files have more than %d bytes together, the limit, with %s: write large ones by \"files\" before"
                            .formatted(limits.totalBytes(), at)));
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

    private ApiException fileTooLarge(String at) {
        return new ApiException(
                new ApiError.TooLarge("%s has more than %d bytes, the limit: write it by \"files\" before"
                        .formatted(at, limits.fileBytes())));
    }

    private List<String> texts(String at) throws IOException {
        json.list(at, "a list of strings");
        var texts = new ArrayList<String>();
        while (json.item()) {
            if (texts.size() == MAX_ITEMS) {
                throw new MalformedException("%s has more than %d items".formatted(at, MAX_ITEMS));
            }
            texts.add(json.text("%s[%d]".formatted(at, texts.size())));
        }
        return texts;
    }

    private static MalformedException unknown(String field, String expected) {
        return new MalformedException(
                "unknown field \"%s\", expected one of %s".formatted(Parameters.printable(field), expected));
    }

    /** Bytes of one file, paid for as they come. */
    private final class FileBytes extends OutputStream {
        private static final int STEP_BYTES = 512 * 1024;
        /** The array grows by doubling and is copied at the end. */
        private static final int TIMES = 2;

        private final String at;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long granted;

        FileBytes(String at) {
            this.at = at;
        }

        int size() {
            return bytes.size();
        }

        long paid() {
            return granted * TIMES;
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
            if (next > limits.fileBytes()) {
                throw fileTooLarge(at);
            }
            while (next > granted) {
                pay((long) STEP_BYTES * TIMES);
                granted += STEP_BYTES;
            }
            bytes.write(from, offset, length);
        }
    }
}
