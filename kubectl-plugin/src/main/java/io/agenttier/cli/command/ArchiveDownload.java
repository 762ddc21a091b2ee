package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;

/**
 * Reads one archive of a folder. A process of the sandbox makes it. kube-apiserver cuts a call after 60 s: then the archive goes on as output of that
 * process, by {@code log}, which is not cut.
 */
final class ArchiveDownload {
    private static final int MAX_FRUITLESS = 8;

    private final Session session;
    private final RemotePath folder;
    private final String format;
    private final Progress progress;
    private final Backoff backoff;
    private long position;
    private String process = "";

    ArchiveDownload(Session session, RemotePath folder, String format, Progress progress) {
        this.session = session;
        this.folder = folder;
        this.format = format;
        this.progress = progress;
        this.backoff = session.backoff();
    }

    /** @return bytes of the archive */
    long into(FileSink sink) throws IOException {
        try {
            while (true) {
                long before = position;
                try {
                    part(sink);
                    sink.complete("", "");
                    return position;
                } catch (CutException | UnreachableException e) {
                    again(e, before);
                } catch (ApiException e) {
                    if (process.isEmpty() || !e.failure().isPassing()) {
                        throw e;
                    }
                    again(e, before);
                }
            }
        } finally {
            progress.end();
        }
    }

    private void again(IOException e, long before) throws IOException {
        if (position > before) {
            backoff.reset();
        } else if (!process.isEmpty()) {
            check();
        }
        if (process.isEmpty() || backoff.tries() >= MAX_FRUITLESS) {
            throw e;
        }
        session.interrupts().take(backoff.next());
    }

    private void part(FileSink sink) throws IOException {
        var request = Request.of("GET", (process.isEmpty() ? beginning() : rest()).toString())
                .accept("application/zip, application/gzip, application/octet-stream");
        try (var response = session.api().send(request)) {
            if (process.isEmpty()) {
                process = response.header("AgentTier-Process")
                        .filter(id -> id.matches("arch-[0-9a-f]{24}"))
                        .orElseThrow(
                                () -> new FailedException("the server does not say which process makes the archive"));
            }
            var buffer = new byte[64 * 1024];
            var body = response.body();
            for (int n = body.read(buffer, 0, buffer.length); n >= 0; n = body.read(buffer, 0, buffer.length)) {
                sink.write(buffer, 0, n);
                position += n;
                progress.at(position);
            }
        }
    }

    private ApiPath beginning() throws IOException {
        var call = ApiPath.subresource(session.namespace(), folder.sandbox(), "archive")
                .query("format", format);
        return folder.path().isEmpty() ? call : call.query("path", folder.path());
    }

    private ApiPath rest() throws IOException {
        return ApiPath.subresource(session.namespace(), folder.sandbox(), "log")
                .query("process", process)
                .query("stream", "stdout")
                .query("offset", String.valueOf(position))
                .query("follow", "true");
    }

    /** A process that failed is cut at its end again and again: then there is nothing to go on with. */
    private void check() throws IOException {
        try {
            var found = ProcessLookup.find(
                    new SandboxProcess(session.namespace(), folder.sandbox(), process, true), session.api());
            var exit = found.at("exit");
            var reason = exit.at("reason").textOrEmpty();
            boolean isWhole =
                    reason.equals("completed") && exit.at("exitCode").number().orElse(-1) == 0;
            if (!reason.isEmpty() && !isWhole) {
                throw new FailedException(
                        "the sandbox has not made the archive to its end (%s): see kubectl sandbox logs %s %s"
                                .formatted(reason, folder.sandbox(), process));
            }
        } catch (ApiException | CutException | UnreachableException e) {
            // who may not list processes, or cannot just now, tries on
        }
    }
}
