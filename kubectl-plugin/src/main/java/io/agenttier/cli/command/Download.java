package io.agenttier.cli.command;

import io.agenttier.cli.transport.ApiClient;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.Backoff;
import io.agenttier.cli.transport.CutException;
import io.agenttier.cli.transport.Pause;
import io.agenttier.cli.transport.Request;
import io.agenttier.cli.transport.Response;
import io.agenttier.cli.transport.UnreachableException;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads one file of a sandbox. kube-apiserver cuts a call after 60 s, so a large file comes in several: each goes on where the last one ended, as
 * long as it is still the same file by its ETag.
 */
final class Download {
    private static final int MAX_FRUITLESS = 8;
    private static final Set<Integer> CHANGED = Set.of(412, 416);
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})");

    private final ApiClient api;
    private final String path;
    private final Backoff backoff;
    private final Pause pause;
    private final Progress.Maker progress;
    private long position;
    private String etag = "";
    private String mode = "";
    private String lastModified = "";

    /** @param path of the call, with its query */
    Download(ApiClient api, String path, Backoff backoff, Pause pause, Progress.Maker progress) {
        this.api = api;
        this.path = path;
        this.backoff = backoff;
        this.pause = pause;
        this.progress = progress;
    }

    /** @return bytes of the file */
    long into(FileSink sink) throws IOException {
        while (true) {
            long before = position;
            try {
                if (part(sink)) {
                    sink.complete(mode, lastModified);
                    return position;
                }
            } catch (CutException | UnreachableException e) {
                again(e, before);
            } catch (ApiException e) {
                if (position == 0 || !e.failure().isPassing()) {
                    throw e;
                }
                again(e, before);
            }
        }
    }

    private void again(IOException e, long before) throws IOException {
        if (position > before) {
            backoff.reset();
        }
        boolean canGoOn = position == 0 || !etag.isEmpty();
        boolean neverBegan = etag.isEmpty() && e instanceof UnreachableException;
        if (!canGoOn || neverBegan || backoff.tries() >= MAX_FRUITLESS) {
            throw e;
        }
        pause.take(backoff.next());
    }

    private boolean part(FileSink sink) throws IOException {
        var request = Request.of("GET", path).accept("application/octet-stream, */*;q=0.5");
        if (position > 0) {
            request = request.header("Range", "bytes=%d-".formatted(position))
                    .header("If-Match", etag)
                    .header("If-Range", etag);
        }
        try (var response = api.send(request, CHANGED)) {
            long total = check(response);
            var shown = progress.of(total);
            var buffer = new byte[64 * 1024];
            try {
                for (int n = response.body().read(buffer, 0, buffer.length);
                        n >= 0;
                        n = response.body().read(buffer, 0, buffer.length)) {
                    sink.write(buffer, 0, n);
                    position += n;
                    shown.at(position);
                }
            } finally {
                shown.end();
            }
            return total < 0 || position == total;
        }
    }

    /** @return size of the whole file, or −1 if the server does not say */
    private long check(Response response) throws IOException {
        var tag = response.header("ETag").orElse("");
        if (position == 0) {
            if (response.header("Content-Type").orElse("").startsWith("application/json")) {
                throw new FailedException("it is a folder: files get copies one file");
            }
            etag = tag.startsWith("W/") ? "" : tag;
            mode = response.header("AgentTier-File-Mode").orElse("");
            lastModified = response.header("Last-Modified").orElse("");
            return response.header("Content-Length")
                    .filter(n -> n.matches("[0-9]{1,18}"))
                    .map(Long::parseLong)
                    .orElse(-1L);
        }
        var range = CONTENT_RANGE.matcher(response.header("Content-Range").orElse(""));
        boolean goesOn = response.status() == 206
                && tag.equals(etag)
                && range.matches()
                && Long.parseLong(range.group(1)) == position;
        if (!goesOn) {
            throw new FailedException("the file was changed while it was read: try again");
        }
        return Long.parseLong(range.group(2));
    }
}
