package io.agenttier.e2e.drain;

import io.agenttier.e2e.client.KubeApi;
import java.io.IOException;
import java.util.Set;
import java.util.function.UnaryOperator;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/**
 * An upload in calls that are as long as they can be, by plain HTTP: one is always under way when its replica stops. After a cut it goes on at
 * the size that the file has.
 */
final class HeldUpload {
    private static final MediaType BYTES = MediaType.get("application/octet-stream");
    /** Cut on our way, the part before is still written, or the call has waited for too long. */
    private static final Set<Integer> PASSING = Set.of(408, 409, 429);

    private final KubeApi api;
    private final UnaryOperator<String> paths;
    private final String file;
    private final Feed feed;
    private int cuts;

    HeldUpload(KubeApi api, UnaryOperator<String> paths, String file, Feed feed) {
        this.api = api;
        this.paths = paths;
        this.file = file;
        this.feed = feed;
    }

    /** @return how often it was cut */
    int run() {
        var made = api.call("PUT", paths.apply("files?path=" + file), new byte[0], BYTES.toString());
        if (made.code() != 201) throw new AssertionError("the empty file: " + made);
        for (var size = 0L; size < feed.bytes(); size = size(size)) {
            if (append(size)) break;
            cuts++;
            Pulse.pause();
        }
        return cuts;
    }

    private boolean append(long size) {
        var path = paths.apply("files?path=%s&offset=%d".formatted(file, size));
        try (var response = api.open("PUT", path, rest(size))) {
            if (response.isSuccessful()) return true;
            if (response.code() < 500 && !PASSING.contains(response.code())) {
                throw new AssertionError("at " + size + ": " + response.code() + " "
                        + response.body().string());
            }
        } catch (IOException e) {
            // cut
        }
        return false;
    }

    private RequestBody rest(long size) {
        return new RequestBody() {
            @Override
            public MediaType contentType() {
                return BYTES;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                feed.writeTo(sink.outputStream(), size);
            }

            @Override
            public boolean isOneShot() {
                return true;
            }
        };
    }

    /** What it is if nobody can be asked just now: an append there is refused, and asks again. */
    private long size(long before) {
        try {
            var reply = api.get(paths.apply("files?stat=true&path=" + file));
            return reply.code() == 200 ? reply.json().path("size").asLong(before) : before;
        } catch (java.io.UncheckedIOException e) {
            return before;
        }
    }
}
