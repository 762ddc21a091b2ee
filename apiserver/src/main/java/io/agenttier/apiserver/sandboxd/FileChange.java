package io.agenttier.apiserver.sandboxd;

import java.time.Instant;
import java.util.Optional;

/** A change of the names below a sandbox's root. Paths are absolute below it or relative to it. */
public sealed interface FileChange {
    /**
     * A folder that shall be there; those above it are made too.
     *
     * @param mode octal digits, for example {@code 0755}
     */
    record MakeFolder(String path, Optional<String> mode, Optional<Instant> modifiedAt) implements FileChange {}

    /** @param overwrite whether what is at {@code to} is replaced */
    record Move(String path, String to, boolean overwrite) implements FileChange {}

    /** @param recursive whether a folder goes with what is in it; the root is emptied by it */
    record Remove(String path, boolean recursive) implements FileChange {}

    default Request request() {
        return switch (this) {
            case MakeFolder folder -> {
                var target = target("op=mkdir&", folder.path);
                folder.mode.ifPresent(mode -> target.append("&mode=").append(Request.encode(mode)));
                folder.modifiedAt.ifPresent(time -> target.append("&mtime=").append(Request.encode(time.toString())));
                yield Request.of("POST", target.toString(), Operation.FILES_WRITE);
            }
            case Move move -> {
                var target = target("op=move&", move.path).append("&to=").append(Request.encode(move.to));
                target.append("&overwrite=").append(move.overwrite);
                yield Request.of("POST", target.toString(), Operation.FILES_WRITE);
            }
            case Remove remove -> {
                var target = target("", remove.path).append("&recursive=").append(remove.recursive);
                yield Request.of("DELETE", target.toString(), Operation.FILES_WRITE);
            }
        };
    }

    private static StringBuilder target(String operation, String path) {
        return new StringBuilder("/v1/files?").append(operation).append("path=").append(Request.encode(path));
    }
}
