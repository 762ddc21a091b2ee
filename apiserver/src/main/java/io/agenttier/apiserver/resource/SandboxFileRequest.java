package io.agenttier.apiserver.resource;

import org.jspecify.annotations.Nullable;

/**
 * Body of POST {@code files}, as sent: nothing is checked yet. Absent fields are null.
 *
 * @param operation "mkdir" or "move"
 * @param path what is made or moved, absolute below the sandbox's root or relative to it
 * @param to the new path, of a move
 * @param mode octal permission bits, of a new folder
 * @param mtime RFC 3339, of a new folder
 * @param overwrite whether what is at {@code to} is replaced, of a move
 */
public record SandboxFileRequest(
        @Nullable String apiVersion,
        @Nullable String kind,
        @Nullable String operation,
        @Nullable String path,
        @Nullable String to,
        @Nullable String mode,
        @Nullable String mtime,
        @Nullable Boolean overwrite) {
    /** Kind in discovery and in errors. */
    public static final String KIND = "SandboxFileRequest";
}
