package io.agenttier.apiserver.sandboxd;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file to write.
 *
 * @param mode octal digits, for example {@code 0644}
 * @param modifiedAt the time that the file is to bear; empty for that of writing
 * @param offset present size of the file, to append; empty to replace the whole
 * @param maxBytes the file may not grow larger
 * @param conditions {@code If-Match}, {@code If-None-Match}, as the caller sent them
 */
public record FileWrite(
        String path,
        Optional<String> mode,
        Optional<Instant> modifiedAt,
        OptionalLong offset,
        long maxBytes,
        Map<String, String> conditions) {
    public FileWrite {
        conditions = Map.copyOf(conditions);
    }

    Request request() {
        var target = new StringBuilder("/v1/files?path=")
                .append(Request.encode(path))
                .append("&maxBytes=")
                .append(maxBytes);
        mode.ifPresent(value -> target.append("&mode=").append(Request.encode(value)));
        modifiedAt.ifPresent(time -> target.append("&mtime=").append(Request.encode(time.toString())));
        offset.ifPresent(value -> target.append("&offset=").append(value));
        return new Request("PUT", target.toString(), Operation.FILES_WRITE, conditions);
    }
}
