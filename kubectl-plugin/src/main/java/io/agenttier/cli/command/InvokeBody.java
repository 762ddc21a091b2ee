package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.transport.Content;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;

/** Body of POST {@code invoke}: standard input as it is, or an envelope where there is more to say. It is kept, since the call may be repeated. */
record InvokeBody(String mediaType, Content content) {
    private static final int MAX_INPUT = 16 * 1024 * 1024;

    static InvokeBody of(Arguments arguments, InputStream ours) throws IOException {
        var prompt = arguments.text("--prompt");
        var input = arguments.text("--input");
        var stdin = input.isPresent() ? read(input.get(), ours) : new byte[0];
        if (prompt.isEmpty() && arguments.program().isEmpty()) {
            return new InvokeBody("application/octet-stream", Content.of(stdin));
        }
        var envelope = new LinkedHashMap<String, Object>();
        prompt.ifPresent(text -> envelope.put("prompt", text));
        if (!arguments.program().isEmpty()) {
            envelope.put("args", arguments.program());
        }
        if (input.isPresent()) {
            envelope.put("stdinBase64", Base64.getEncoder().encodeToString(stdin));
        }
        return new InvokeBody(
                "application/vnd.agenttier.invoke+json",
                Content.of(JsonWriter.compact(envelope).getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] read(String input, InputStream ours) throws IOException {
        if (input.equals("-")) {
            return limited(ours, "standard input");
        }
        if (!input.startsWith("@")) {
            return input.getBytes(StandardCharsets.UTF_8);
        }
        var file = Path.of(input.substring(1));
        if (Files.isDirectory(file)) {
            throw new FailedException("%s is a folder: --input @FILE takes a file".formatted(file));
        }
        try (var content = Files.newInputStream(file)) {
            return limited(content, file.toString());
        } catch (NoSuchFileException e) {
            throw new FailedException("there is no file %s".formatted(file));
        }
    }

    private static byte[] limited(InputStream content, String name) throws IOException {
        var bytes = content.readNBytes(MAX_INPUT + 1);
        if (bytes.length > MAX_INPUT) {
            throw new FailedException(
                    "%s has more than %d bytes, which is the most that an agent takes: put it into the sandbox by \"files put\", and give its path"
                            .formatted(name, MAX_INPUT));
        }
        return bytes;
    }
}
