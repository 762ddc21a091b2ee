package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What the audit line tells about standard input: how many bytes; for development the first of them as well. */
final class StdinNotes {
    private static final int SHOWN_BYTES = Note.CONTENT_CHARS;

    private final Exchange exchange;
    private final int shown;
    private final ByteArrayOutputStream first = new ByteArrayOutputStream(0);
    private long bytes;

    private StdinNotes(Exchange exchange, boolean mayShow) {
        this.exchange = exchange;
        this.shown = mayShow && exchange.notesContent() ? SHOWN_BYTES : 0;
    }

    static StdinNotes of(Exchange exchange) {
        return new StdinNotes(exchange, true);
    }

    /** What is typed at a terminal is counted only: passwords are typed there. */
    static StdinNotes ofTerminal(Exchange exchange) {
        return new StdinNotes(exchange, false);
    }

    void add(byte[] block, int offset, int length) {
        bytes += length;
        first.write(block, offset, Math.min(length, shown - first.size()));
    }

    /** All of it, in base64 with padding. */
    void addBase64(String base64) {
        int padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        bytes += base64.length() / 4 * 3L - padding;
        int chars = Math.min(base64.length(), (shown + 2) / 3 * 4);
        var beginning = Base64.getDecoder().decode(base64.substring(0, chars));
        first.write(beginning, 0, Math.min(beginning.length, shown));
    }

    void write() {
        exchange.note(Note.BYTES_STDIN, Long.toString(bytes));
        if (first.size() > 0) {
            exchange.note(Note.STDIN, first.toString(StandardCharsets.UTF_8));
        }
    }
}
