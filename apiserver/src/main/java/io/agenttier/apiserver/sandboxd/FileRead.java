package io.agenttier.apiserver.sandboxd;

import java.util.Map;
import java.util.Optional;

/**
 * A file, a listing or one entry.
 *
 * @param path absolute below the sandbox's root or relative to it; empty for the root
 * @param conditions {@code Range}, {@code If-Range}, {@code If-None-Match}, as the caller sent them
 */
public record FileRead(
        String path,
        boolean list,
        boolean stat,
        Optional<String> limit,
        Optional<String> resume,
        Map<String, String> conditions) {
    public FileRead {
        conditions = Map.copyOf(conditions);
    }

    Request request() {
        var target = new StringBuilder("/v1/files?path=").append(Request.encode(path));
        if (list) {
            target.append("&list=true");
        }
        if (stat) {
            target.append("&stat=true");
        }
        limit.ifPresent(value -> target.append("&limit=").append(Request.encode(value)));
        resume.ifPresent(value -> target.append("&continue=").append(Request.encode(value)));
        return new Request("GET", target.toString(), Operation.FILES_READ, conditions);
    }
}
