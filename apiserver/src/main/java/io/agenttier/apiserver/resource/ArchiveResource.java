package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.route.StreamingAnswer;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.sandboxd.ArchiveUpload;
import io.agenttier.apiserver.sandboxd.Caller;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.ExitRecord;
import io.agenttier.apiserver.sandboxd.Extraction;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.Stream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code archive}: GET makes an archive of a folder, PUT extracts one. The archive is a process of the sandbox, named in header
 * {@code AgentTier-Process}: a GET that is cut goes on by {@code log?process=…&stream=stdout&offset=…&follow=true}, and so do we cut it
 * ourselves before kube-apiserver would. A PUT may come in parts.
 */
final class ArchiveResource implements Subresource {
    /** kube-apiserver ends a call after 60 s and may have held it for 15 s before. */
    static final Duration LONGEST = Duration.ofSeconds(40);

    private static final Map<String, String> MEDIA = Map.of("zip", "application/zip", "tar.gz", "application/gzip");

    private final LiveOutput.Source source;
    private final long maxBytes;

    /** @param maxBytes of an archive that is extracted */
    ArchiveResource(LiveOutput.Source source, long maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
    }

    /** Whether the bytes of a process that makes an archive are all of it. */
    static boolean isWhole(Exit exit) {
        return exit.outcome().equals(new ExitRecord.Exited(0));
    }

    @Override
    public String name() {
        return "archive";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET", "PUT");
    }

    @Override
    public String kind() {
        return "SandboxArchive";
    }

    @Override
    public void serve(Call call, Exchange exchange) throws IOException {
        if (call.method().equals("PUT")) {
            extract(call, exchange);
        } else {
            make(call, exchange);
        }
    }

    private void make(Call call, Exchange exchange) throws IOException {
        var path = Parameters.path(call);
        var format = Parameters.matching(call, "format", "zip|tar\\.gz", "zip or tar.gz")
                .orElse("zip");
        var caller = Caller.of(call.user().name());
        try (var output = source.access().ask(call, Use.of("archive"), new Subject("archive", path), endpoint -> {
            var frames = source.client().archive(endpoint, caller, path, format);
            return LiveOutput.start(
                    source, call, caller, new LiveOutput.Opened(endpoint, frames, Optional.of(Stream.STDOUT), true));
        })) {
            exchange.onClientGone(output::abort);
            var notes = new ProcessNotes(exchange, output.process());
            send(
                    exchange,
                    output,
                    notes,
                    headers(call, path, format, output),
                    call.received().plus(LONGEST));
        }
    }

    private static Map<String, String> headers(Call call, String path, String format, LiveOutput output) {
        var headers = new LinkedHashMap<String, String>();
        headers.put("Content-Type", MEDIA.getOrDefault(format, "application/octet-stream"));
        headers.put("Content-Disposition", FileHeaders.archiveDisposition(path, call.name(), format));
        headers.put("AgentTier-Process", output.process().id());
        headers.put("Cache-Control", "no-cache");
        headers.put("X-Content-Type-Options", "nosniff");
        return headers;
    }

    private void send(
            Exchange exchange, LiveOutput output, ProcessNotes notes, Map<String, String> headers, Instant until)
            throws IOException {
        var answer = exchange.stream(200, headers);
        try {
            if (copy(output, answer, notes, until)) {
                answer.end();
            } else {
                answer.abort();
            }
        } catch (IOException | RuntimeException e) {
            answer.abort();
            throw e;
        } finally {
            notes.write();
        }
    }

    /** @return whether the client has the whole archive; else what it has must not look like one */
    private boolean copy(LiveOutput output, StreamingAnswer answer, ProcessNotes notes, Instant until)
            throws IOException {
        for (var frame = output.next(); frame.isPresent(); frame = output.next()) {
            switch (frame.get()) {
                case Frame.Output bytes -> {
                    notes.add(bytes);
                    answer.write(bytes.bytes(), 0, bytes.bytes().length);
                }
                case Frame.Gap _ -> {
                    return false;
                }
                case Frame.Exited exited -> {
                    notes.ended(exited.exit());
                    return isWhole(exited.exit());
                }
                case Frame.KeepAlive _, Frame.Started _, Frame.StdinTaken _, Frame.Notice _ -> {}
            }
            if (!source.clock().instant().isBefore(until)) {
                notes.continued();
                return false;
            }
        }
        return false;
    }

    private void extract(Call call, Exchange exchange) throws IOException {
        var upload = new ArchiveUpload(
                Parameters.path(call),
                Parameters.matching(call, "format", "zip|tar|tar\\.gz", "zip, tar or tar.gz")
                        .orElse("zip"),
                part(call),
                maxBytes);
        var length = exchange.contentLength();
        long left = maxBytes - upload.part().map(ArchiveUpload.Part::offset).orElse(0L);
        if (length.isPresent() && length.getAsLong() > left) {
            throw new ApiException(new ApiError.TooLarge("the archive has %d bytes, at most %d are allowed"
                    .formatted(maxBytes - left + length.getAsLong(), maxBytes)));
        }
        var caller = Caller.of(call.user().name());
        try (var body = exchange.body(Math.max(0, left))) {
            var result = source.access()
                    .ask(
                            call,
                            Use.of("archive"),
                            new Subject("archive", upload.path()),
                            endpoint -> source.client().extract(endpoint, caller, upload, body, length));
            answer(call, exchange, upload, result);
        } catch (EOFException e) {
            throw Parameters.bad("the request body ended before its Content-Length");
        }
    }

    private static void answer(Call call, Exchange exchange, ArchiveUpload upload, Extraction result) {
        upload.part().ifPresent(part -> exchange.note(Note.UPLOAD, part.upload()));
        switch (result) {
            case Extraction.Done done -> {
                exchange.note(Note.FILES, Long.toString(done.files()));
                exchange.note(Note.BYTES, Long.toString(done.bytes()));
                var document = Documents.of("SandboxArchiveExtracted");
                document.put("path", done.path());
                document.put("files", done.files());
                document.put("bytes", done.bytes());
                exchange.answer(Documents.answer(call, 200, document));
            }
            case Extraction.Awaited awaited -> {
                exchange.note(Note.OFFSET, Long.toString(awaited.offset()));
                var document = Documents.of("SandboxArchivePart");
                document.put(
                        "upload", upload.part().map(ArchiveUpload.Part::upload).orElse(""));
                document.put("offset", awaited.offset());
                exchange.answer(Documents.answer(call, 202, document));
            }
        }
    }

    private static Optional<ArchiveUpload.Part> part(Call call) {
        var upload = Parameters.matching(call, "upload", "[A-Za-z0-9._-]{1,64}", "1 to 64 of A-Z a-z 0-9 . _ -");
        var offset = Parameters.count(call, "offset");
        boolean last = Parameters.flag(call, "final");
        if (upload.isEmpty()) {
            if (offset.isPresent() || last) {
                throw Parameters.bad(
                        "parameters offset and final are for parts of an upload: name it by upload=<an id of your choice>");
            }
            return Optional.empty();
        }
        return Optional.of(new ArchiveUpload.Part(upload.get(), offset.orElse(0), last));
    }
}
