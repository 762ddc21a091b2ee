package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Download;
import io.agenttier.apiserver.sandboxd.FileEntry;
import io.agenttier.apiserver.sandboxd.FileListing;
import io.agenttier.apiserver.sandboxd.FileRead;
import io.agenttier.apiserver.sandboxd.FileWrite;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import java.io.EOFException;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code files}: GET reads, lists or looks at one entry; PUT writes a whole file or appends to one; POST makes folders and moves; DELETE
 * removes. Content is streamed, whatever its size.
 */
final class FilesResource implements Subresource {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final byte[] NO_BODY = {};

    private final SandboxAccess access;
    private final SandboxdClient client;
    private final FileChanges changes;
    private final long maxBytes;

    /** @param maxBytes size of one file */
    FilesResource(SandboxAccess access, SandboxdClient client, long maxBytes) {
        this.access = access;
        this.client = client;
        this.changes = new FileChanges(access, client);
        this.maxBytes = maxBytes;
    }

    @Override
    public String name() {
        return "files";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "PUT", "POST", "DELETE");
    }

    @Override
    public String kind() {
        return "SandboxFile";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        switch (call.method()) {
            case "PUT" -> write(call, exchange);
            case "POST" -> changes.change(call, exchange);
            case "DELETE" -> changes.remove(call, exchange, namedPath(call, "remove"));
            default -> read(call, exchange);
        }
    }

    private void read(Call call, Exchange exchange) throws IOException {
        var path = Parameters.path(call);
        var file = new FileRead(
                path,
                Parameters.flag(call, "list"),
                Parameters.flag(call, "stat"),
                Parameters.matching(call, "limit", "[1-9][0-9]{0,2}|[1-4][0-9]{3}|5000", "a number from 1 to 5000"),
                call.parameter("continue"),
                FileHeaders.conditions(call, "Range", "If-Range", "If-None-Match"));
        exchange.note(Note.OPERATION, file.stat() ? "stat" : file.list() ? "list" : "read");
        var caller = Caller.of(call.user().name());
        var subject = new Subject("files", path);
        try (var answer =
                access.ask(call, Use.of("files"), subject, endpoint -> client.readFile(endpoint, caller, file))) {
            exchange.onClientGone(answer::abort);
            if (answer.status() == 304) {
                exchange.answer(new Answer(304, FileHeaders.of(answer, path), NO_BODY));
            } else if (answer.isDocument()) {
                exchange.answer(Documents.answer(call, 200, document(call, file, subject, answer)));
            } else {
                send(call, exchange, path, subject, answer);
            }
        }
    }

    private static Map<String, @Nullable Object> document(Call call, FileRead file, Subject subject, Download answer)
            throws IOException {
        try {
            return file.stat() ? entry(answer.entry()) : listing(answer.listing());
        } catch (IOException e) {
            throw new ApiException(DaemonErrors.of(e, call.name(), subject));
        }
    }

    private static Map<String, @Nullable Object> listing(FileListing listing) {
        var document = Documents.of("SandboxFileList");
        document.put("path", listing.path());
        document.put(
                "entries", listing.entries().stream().map(FilesResource::entry).toList());
        if (!listing.resume().isEmpty()) {
            document.put("continue", listing.resume());
        }
        return document;
    }

    private static Map<String, @Nullable Object> entry(FileEntry entry) {
        var item = new LinkedHashMap<String, @Nullable Object>();
        item.put("name", entry.name());
        if (!entry.nameBase64().isEmpty()) {
            item.put("nameBase64", entry.nameBase64());
        }
        item.put("size", entry.size());
        item.put("isDir", entry.isDir());
        item.put("mode", entry.mode());
        item.put("modifiedAt", entry.modifiedAt());
        if (!entry.linkTarget().isEmpty()) {
            item.put("linkTarget", entry.linkTarget());
        }
        return item;
    }

    /** A small file leaves in one write; a larger one as it comes, and cut if it ends too early. */
    private static void send(Call call, Exchange exchange, String path, Subject subject, Download file)
            throws IOException {
        var length = FileHeaders.length(file)
                .orElseThrow(() -> new ApiException(new ApiError.BadGateway(
                        "the daemon of sandbox \"%s\" gave no length of the file".formatted(call.name()))));
        var headers = FileHeaders.of(file, path);
        if (length <= BLOCK_BYTES) {
            exchange.note(Note.BYTES, Long.toString(length));
            exchange.answer(new Answer(file.status(), headers, whole(call, subject, file, (int) length)));
            return;
        }
        headers.put("Content-Length", Long.toString(length));
        var answer = exchange.stream(file.status(), headers);
        long sent = 0;
        try {
            var block = new byte[BLOCK_BYTES];
            for (int count = file.read(block); count >= 0; count = file.read(block)) {
                answer.write(block, 0, count);
                sent += count;
            }
            answer.end();
        } catch (IOException | RuntimeException e) {
            answer.abort();
            throw e;
        } finally {
            exchange.note(Note.BYTES, Long.toString(sent));
        }
    }

    private static byte[] whole(Call call, Subject subject, Download file, int length) throws IOException {
        try {
            return file.readAll(length);
        } catch (IOException e) {
            throw new ApiException(DaemonErrors.of(e, call.name(), subject));
        }
    }

    private void write(Call call, Exchange exchange) throws IOException {
        var path = namedPath(call, "write");
        var length = exchange.contentLength();
        var file = new FileWrite(
                path,
                Parameters.matching(call, "mode", FileRules.MODE, FileRules.MODE_FORM),
                modifiedAt(call),
                Parameters.count(call, "offset"),
                maxBytes,
                FileHeaders.conditions(call, "If-Match", "If-None-Match"));
        if (length.isPresent() && length.getAsLong() > maxBytes) {
            throw new ApiException(new ApiError.TooLarge(
                    "the file has %d bytes, at most %d are allowed".formatted(length.getAsLong(), maxBytes)));
        }
        exchange.note(Note.OPERATION, file.offset().isPresent() ? "append" : "write");
        var caller = Caller.of(call.user().name());
        try (var body = exchange.body(maxBytes)) {
            var written = access.ask(
                    call,
                    Use.of("files"),
                    new Subject("files", path),
                    endpoint -> client.writeFile(endpoint, caller, file, body, length));
            exchange.note(Note.BYTES, Long.toString(written.bytes()));
            var document = Documents.of("SandboxFileWritten");
            document.put("path", written.path());
            document.put("bytes", written.bytes());
            exchange.answer(Documents.answer(call, written.created() ? 201 : 200, document));
        } catch (EOFException e) {
            throw Parameters.bad("the request body ended before its Content-Length: nothing was written");
        }
    }

    private static Optional<Instant> modifiedAt(Call call) {
        var text = call.parameter("mtime");
        var time = text.flatMap(FileRules::time);
        if (text.isPresent() && time.isEmpty()) {
            throw Parameters.wrong(call, "mtime", FileRules.TIME_FORM);
        }
        return time;
    }

    /** @param verb what is done to it, for the message */
    private static String namedPath(Call call, String verb) {
        var path = Parameters.path(call);
        if (path.isEmpty()) {
            throw Parameters.bad(
                    "parameter path is missing: name the file to %s, below the root of the sandbox".formatted(verb));
        }
        return path;
    }
}
