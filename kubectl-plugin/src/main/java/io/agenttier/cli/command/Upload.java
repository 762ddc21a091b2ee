package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.io.InputStream;

/**
 * Writes one file of a sandbox. What fits into one part replaces the file at once. kube-apiserver cuts a call after 60 s, so a larger file comes in
 * parts: the first replaces the old file, the others are appended, and readers see it grow.
 */
final class Upload {
    /** Within 60 s even over 3 Mbit/s. */
    static final int PART = 16 * 1024 * 1024;

    private static final int MAX_TRIES = 8;
    private static final int MAX_ANSWER = 1024 * 1024;

    private final ApiClient api;
    private final ApiPath path;
    private final String mode;
    private final Backoff backoff;
    private final Pause pause;
    private final Progress progress;

    /**
     * @param path of the call with the query parameter {@code path}
     * @param mode octal permission bits, or empty for the server's default
     */
    Upload(ApiClient api, ApiPath path, String mode, Backoff backoff, Pause pause, Progress progress) {
        this.api = api;
        this.path = path;
        this.mode = mode;
        this.backoff = backoff;
        this.pause = pause;
        this.progress = progress;
    }

    /** @return bytes written */
    long from(InputStream content) throws IOException {
        var part = content.readNBytes(PART);
        replace(part);
        long size = part.length;
        progress.at(size);
        while (part.length == PART) {
            part = content.readNBytes(PART);
            if (part.length > 0) {
                append(part, size);
                size += part.length;
                progress.at(size);
            }
        }
        progress.end();
        return size;
    }

    /** Atomic, so repeating it does no harm. */
    private void replace(byte[] part) throws IOException {
        var call = mode.isEmpty() ? path : path.query("mode", mode);
        backoff.reset();
        while (true) {
            try {
                put(call, part, 0);
                return;
            } catch (CutException e) {
                again(e);
            }
        }
    }

    /** After a cut the file may hold none, some or all of the part: its size tells where to go on. */
    private void append(byte[] part, long size) throws IOException {
        backoff.reset();
        int done = 0;
        while (done < part.length) {
            try {
                put(path.query("offset", String.valueOf(size + done)), part, done);
                return;
            } catch (CutException e) {
                again(e);
                done = written(part, size);
            }
        }
    }

    private void put(ApiPath call, byte[] part, int from) throws IOException {
        var body = from == 0 ? part : java.util.Arrays.copyOfRange(part, from, part.length);
        var request =
                Request.of("PUT", call.toString()).accept("application/json").body("application/octet-stream", body);
        try (var response = api.send(request)) {
            response.bytes(MAX_ANSWER);
        }
    }

    private int written(byte[] part, long size) throws IOException {
        var request = Request.of("GET", path.query("stat", "true").toString()).accept("application/json");
        try (var response = api.send(request)) {
            var answer = JsonReader.parse(response.bytes(MAX_ANSWER));
            long now = answer.at("size").number().orElse(-1);
            if (now < size || now > size + part.length) {
                throw new FailedException(
                        "somebody else changed the file while it was written: it has %d bytes now".formatted(now));
            }
            return (int) (now - size);
        }
    }

    private void again(IOException e) throws IOException {
        if (backoff.tries() >= MAX_TRIES) {
            throw e;
        }
        pause.take(backoff.next());
    }
}
