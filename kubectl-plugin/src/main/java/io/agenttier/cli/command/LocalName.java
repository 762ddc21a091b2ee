package io.agenttier.cli.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Names of local files as text. The file system keeps bytes; the API takes text. */
final class LocalName {
    static final String OTHER_LOCALE =
            "its name cannot be written in this locale: set LC_ALL to one of UTF-8, such as C.UTF-8";

    private LocalName() {}

    /** Why the last name of this path cannot be sent; empty if it can. */
    static Optional<String> obstacle(Path path) {
        try {
            var text = path.toString();
            return Path.of(text).equals(path)
                    ? Optional.empty()
                    : Optional.of("its name is not UTF-8, or this locale is not: the files API takes UTF-8 only");
        } catch (InvalidPathException e) {
            return Optional.of(OTHER_LOCALE);
        }
    }
}
