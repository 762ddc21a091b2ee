package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.CanonicalJson;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.sandboxd.StartRequest;
import java.util.List;

/** What the audit line tells about a process that a call wants to run: a hash of its argv, how much standard input it brings. */
final class StartNotes {
    private StartNotes() {}

    static void write(Exchange exchange, StartRequest start) {
        var argv = start.script().isEmpty() ? start.argv() : List.of("sh", "-c", start.script());
        exchange.note(Note.ARGV_SHA256, CanonicalJson.sha256(argv));
        if (exchange.notesContent()) {
            exchange.note(Note.ARGV, CanonicalJson.of(argv));
        }
        if (!start.openStdin()) {
            var stdin = StdinNotes.of(exchange);
            stdin.addBase64(start.stdinBase64());
            stdin.write();
        }
    }
}
