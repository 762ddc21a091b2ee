package io.agenttier.apiserver.sandboxd;

import java.util.Optional;

/** One of the two output streams of a process. */
public enum Stream {
    STDOUT("stdout"),
    STDERR("stderr");

    private final String text;

    Stream(String text) {
        this.text = text;
    }

    /** {@code stdout} or {@code stderr}. */
    public String text() {
        return text;
    }

    public static Optional<Stream> parse(String text) {
        return switch (text) {
            case "stdout" -> Optional.of(STDOUT);
            case "stderr" -> Optional.of(STDERR);
            default -> Optional.empty();
        };
    }
}
