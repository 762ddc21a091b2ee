package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * One name in a folder of a sandbox.
 *
 * @param name as the sandbox gives it: not to be trusted as a path, see {@link #isPlainName}
 * @param mode octal, for example {@code 0755}
 * @param linkTarget empty for what is no link
 */
record RemoteEntry(
        String name, boolean isDir, String mode, Optional<FileTime> modifiedAt, String linkTarget, boolean isUtf8) {
    static RemoteEntry of(Json entry) {
        return new RemoteEntry(
                entry.at("name").textOrEmpty(),
                entry.at("isDir").isTrue(),
                entry.at("mode").textOrEmpty(),
                time(entry.at("modifiedAt").textOrEmpty()),
                entry.at("linkTarget").textOrEmpty(),
                entry.at("nameBase64").isAbsent());
    }

    /** Whether it can only name something directly in its folder. */
    boolean isPlainName() {
        return isUtf8
                && !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.indexOf('/') < 0
                && name.indexOf('\\') < 0
                && name.indexOf(0) < 0;
    }

    private static Optional<FileTime> time(String text) {
        try {
            return Optional.of(FileTime.from(Instant.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
