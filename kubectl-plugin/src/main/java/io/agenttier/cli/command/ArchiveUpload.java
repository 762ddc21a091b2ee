package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** Sends one archive to be extracted, in parts that fit into the 60 s of a call. The sandbox knows which it has, so repeating one does no harm. */
final class ArchiveUpload {
    private static final int MAX_TRIES = 8;
    private static final int MAX_ANSWER = 1024 * 1024;
    /** Answers that the archive is still being extracted; one comes in 25 s. */
    private static final int MAX_WAITS = 1000;

    private static final byte[] NOTHING = {};

    private final Session session;
    private final ApiPath call;
    private final Backoff backoff;
    private final Progress progress;

    ArchiveUpload(Session session, RemotePath folder, String format, Progress progress) throws IOException {
        this.session = session;
        var archive = ApiPath.subresource(session.namespace(), folder.sandbox(), "archive")
                .query("format", format)
                .query("upload", Long.toHexString(session.random().nextLong()));
        this.call = folder.path().isEmpty() ? archive : archive.query("path", folder.path());
        this.backoff = session.backoff();
        this.progress = progress;
    }

    /** @return the server's answer: path, files, bytes */
    Json from(InputStream content) throws IOException {
        try {
            long offset = 0;
            var part = content.readNBytes(Upload.PART);
            while (part.length == Upload.PART) {
                send(part, offset, false);
                offset += part.length;
                progress.at(offset);
                part = content.readNBytes(Upload.PART);
            }
            for (int wait = 0; wait < MAX_WAITS; wait++) {
                var answer = send(part, offset, true);
                if (answer.at("files").number().isPresent()) {
                    return answer;
                }
                offset += part.length;
                part = NOTHING;
            }
            throw new FailedException("the sandbox has not extracted the archive within hours");
        } finally {
            progress.end();
        }
    }

    private Json send(byte[] part, long offset, boolean last) throws IOException {
        backoff.reset();
        while (true) {
            try {
                return put(part, offset, last);
            } catch (CutException | UnreachableException e) {
                again(e);
            } catch (ApiException e) {
                if (!e.failure().isPassing()) {
                    throw e;
                }
                again(e);
            }
        }
    }

    private Json put(byte[] part, long offset, boolean last) throws IOException {
        if (session.interrupts().hasBegun()) {
            throw new InterruptedIOException("interrupted");
        }
        var path = call.query("offset", String.valueOf(offset)).query("final", String.valueOf(last));
        var request =
                Request.of("PUT", path.toString()).accept("application/json").body("application/octet-stream", part);
        try (var response = session.api().send(request)) {
            return JsonReader.parse(response.bytes(MAX_ANSWER));
        }
    }

    private void again(IOException e) throws IOException {
        if (backoff.tries() >= MAX_TRIES) {
            throw e;
        }
        session.interrupts().take(backoff.next());
    }
}
