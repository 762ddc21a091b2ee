package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Note;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.Stream;

/** What the audit line tells about a process: its id, how it ended, how many bytes of output were delivered. Never what they say. */
final class ProcessNotes {
    private final Exchange exchange;
    private long stdout;
    private long stderr;

    ProcessNotes(Exchange exchange, ProcessInfo process) {
        this.exchange = exchange;
        exchange.note(Note.PROCESS, process.id());
    }

    void add(Frame.Output output) {
        if (output.stream() == Stream.STDOUT) {
            stdout += output.bytes().length;
        } else {
            stderr += output.bytes().length;
        }
    }

    long stdoutBytes() {
        return stdout;
    }

    long stderrBytes() {
        return stderr;
    }

    /** Noted before the answer ends, so that the line that is written then has it. */
    void ended(Exit exit) {
        var outcome = Outcome.of(exit);
        exchange.note(Note.EXIT_REASON, outcome.reason());
        if (outcome.exitCode() != null) {
            exchange.note(Note.EXIT_CODE, outcome.exitCode().toString());
        }
        if (outcome.signal() != null) {
            exchange.note(Note.EXIT_SIGNAL, outcome.signal());
        }
    }

    /** Another answer goes on where this one ends, before the process does. */
    void continued() {
        exchange.note(Note.CLOSE_REASON, "continued");
    }

    void write() {
        exchange.note(Note.BYTES_STDOUT, Long.toString(stdout));
        exchange.note(Note.BYTES_STDERR, Long.toString(stderr));
    }
}
