package io.agenttier.apiserver.resource;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a caller names a process: an id such as {@code exec-0a1b2c3d0123456789abcdef}, a full name {@code 0a1b2c3d.build}, or a bare name
 * {@code build}, which means the present incarnation.
 *
 * @param incarnation that the text names; empty for a bare name
 */
record ProcessRef(String text, Optional<String> incarnation) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern ID = Pattern.compile("(?:exec|inv|term|install|hook|arch)-([0-9a-f]{8})[0-9a-f]{16}");
    private static final Pattern FULL_NAME = Pattern.compile("([0-9a-f]{8})\\.([A-Za-z0-9][A-Za-z0-9._-]{0,62})");

    static final String SYNTAX = "1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit";

    /** Empty if it is none. */
    static Optional<ProcessRef> parse(String text) {
        var id = ID.matcher(text);
        if (id.matches()) {
            return Optional.of(new ProcessRef(text, Optional.of(id.group(1))));
        }
        var full = FULL_NAME.matcher(text);
        if (full.matches()) {
            return Optional.of(new ProcessRef(text, Optional.of(full.group(1))));
        }
        return NAME.matcher(text).matches() ? Optional.of(new ProcessRef(text, Optional.empty())) : Optional.empty();
    }

    /** Whether a caller may give this name to a process of his: none that could be taken for another handle. */
    static boolean isOwnName(String text) {
        return parse(text).filter(handle -> handle.incarnation().isEmpty()).isPresent();
    }
}
