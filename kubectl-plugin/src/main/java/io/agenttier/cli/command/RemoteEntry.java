package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import java.io.File;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * One name in a folder of a sandbox.
 *
 * @param name as the sandbox gives it: not to be trusted as a path, see {@link #obstacle}
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

    /** Why it cannot name something directly in a local folder; empty if it can. */
    Optional<String> obstacle() {
        if (!isUtf8) {
            return Optional.of("its name is not UTF-8");
        }
        boolean isPlain = !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.indexOf('/') < 0
                && (File.separatorChar != '\\' || name.indexOf('\\') < 0)
                && name.indexOf(0) < 0;
        return isPlain ? Optional.empty() : Optional.of("it is not the name of a file in its folder");
    }

    private static Optional<FileTime> time(String text) {
        try {
            return Optional.of(FileTime.from(Instant.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
