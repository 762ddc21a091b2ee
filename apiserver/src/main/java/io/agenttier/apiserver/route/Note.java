package io.agenttier.apiserver.route;

import java.util.Locale;

/**
 * An annotation of a call's audit line: the key is the name in lower case, {@code agenttier.io/argv-sha256} for example. The page "Audit"
 * of the documentation says which call has which.
 */
public enum Note {
    /** Id of the process that the call started, joined, read or signalled. */
    PROCESS,
    /** SHA-256 of the argv of that process as JSON; 64 hexadecimal digits. */
    ARGV_SHA256,
    /** The same of an agent's entrypoint that is being set. */
    ENTRYPOINT_SHA256,
    /** How the process ended, in one word. */
    EXIT_REASON,
    EXIT_CODE,
    /** Without {@code SIG}. */
    EXIT_SIGNAL,
    /** What a process was sent. */
    SIGNAL,
    BYTES_STDIN,
    BYTES_STDOUT,
    BYTES_STDERR,
    /** Of the body, as far as it was read. */
    BYTES_REQUEST,
    /** Of the body, as far as it was sent. */
    BYTES_RESPONSE,
    BYTES_TO_PORT,
    BYTES_FROM_PORT,
    /** Of the content of a file, or of the files of an archive. */
    BYTES,
    /** Number of them. */
    FILES,
    /** What was done to a file. */
    OPERATION,
    PATH,
    /** New path of what was moved. */
    TO,
    /** Name that the client gave to an upload in parts. */
    UPLOAD,
    OFFSET,
    PORT,
    /** Status of HTTP that a port answered. */
    PORT_STATUS,
    /** A resume may begin on a new volume. */
    NEW_VOLUME,
    /** Code of the close frame that ended a WebSocket. */
    CLOSE_CODE,
    /** Why an answer or a WebSocket ended before what it carried did. */
    CLOSE_REASON,
    /** Content: argv as JSON. */
    ARGV(true),
    /** Content: the beginning of standard input, as UTF-8. */
    STDIN(true);

    private static final int MOST_CHARS = 1024;
    /** Longest content of a call in one annotation. */
    public static final int CONTENT_CHARS = 4096;

    private final String key;
    private final boolean isContent;

    Note() {
        this(false);
    }

    Note(boolean isContent) {
        this.key = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.isContent = isContent;
    }

    /** Without its prefix. */
    public String key() {
        return key;
    }

    /** Whether it holds content of a call, which is written for development only. */
    boolean isContent() {
        return isContent;
    }

    int mostChars() {
        return isContent ? CONTENT_CHARS : MOST_CHARS;
    }
}
