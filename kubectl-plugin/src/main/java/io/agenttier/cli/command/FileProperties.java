package io.agenttier.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;

/**
 * What a file is written with besides its content.
 *
 * @param mode octal permission bits such as {@code 0644}; empty for the server's default
 * @param modifiedAt empty for the time of writing
 */
record FileProperties(String mode, Optional<Instant> modifiedAt) {
    static FileProperties of(Path file, BasicFileAttributes attributes) throws IOException {
        var time = attributes.lastModifiedTime().toInstant();
        // what RFC 3339 can write
        boolean isSane = time.toString().matches("[0-9]{4}-.*");
        return new FileProperties(LocalFile.mode(file), isSane ? Optional.of(time) : Optional.empty());
    }
}
