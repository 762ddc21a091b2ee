package io.agenttier.apiserver.sandboxd;

import io.agenttier.apiserver.codec.Json;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an agent is configured with: files to write, then a program that installs.
 *
 * @param digest SHA-256 of it, 64 hex digits: the same one again joins the installation that runs or has just succeeded
 * @param argv program and arguments; empty if only files are written
 * @param cwd working directory of the program
 */
public record ConfigureUpload(String digest, List<String> argv, String cwd, Duration limit, List<File> files) {
    public ConfigureUpload {
        argv = List.copyOf(argv);
        files = List.copyOf(files);
    }

    /**
     * One file, written whole or not at all.
     *
     * @param path absolute, below the root of the sandbox
     * @param content not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record File(String path, byte[] content) {}

    /** Bytes of {@link #body}. */
    long length() {
        return head().length
                + files.stream().mapToLong(file -> file.content().length).sum();
    }

    /** One line of JSON, then the files one after the other. */
    InputStream body() {
        var parts = Stream.concat(Stream.of(head()), files.stream().map(File::content))
                .map(ByteArrayInputStream::new)
                .toList();
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    private byte[] head() {
        var head = new LinkedHashMap<String, Object>();
        head.put("digest", digest);
        head.put("argv", argv);
        head.put("cwd", cwd);
        head.put("timeoutMs", limit.toMillis());
        head.put("files", files.stream().map(ConfigureUpload::entry).toList());
        var line = Json.write(head);
        var ended = java.util.Arrays.copyOf(line, line.length + 1);
        ended[line.length] = '\n';
        return ended;
    }

    private static LinkedHashMap<String, Object> entry(File file) {
        var entry = new LinkedHashMap<String, Object>();
        entry.put("path", file.path());
        entry.put("bytes", file.content().length);
        return entry;
    }
}
