package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.sandboxd.Exit;
import io.agenttier.apiserver.sandboxd.Frame;
import io.agenttier.apiserver.sandboxd.ProcessInfo;
import io.agenttier.apiserver.sandboxd.Stream;

/** What the audit line tells about a process: its id, how it ended, how many bytes were delivered. Never what they say. */
final class ProcessNotes {
    private final Exchange exchange;
    private long stdout;
    private long stderr;
    private long stdin = -1;

    ProcessNotes(Exchange exchange, ProcessInfo process) {
        this.exchange = exchange;
        exchange.note("process", process.id());
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

    /** Of a session that goes both ways. */
    void stdin(long bytes) {
        stdin = bytes;
    }

    /** Noted before the answer ends, so that the line that is written then has it. */
    void ended(Exit exit) {
        var outcome = Outcome.of(exit);
        exchange.note("exit-reason", outcome.reason());
        if (outcome.exitCode() != null) {
            exchange.note("exit-code", outcome.exitCode().toString());
        }
    }

    void write() {
        if (stdin >= 0) {
            exchange.note("bytes-stdin", Long.toString(stdin));
        }
        exchange.note("bytes-stdout", Long.toString(stdout));
        exchange.note("bytes-stderr", Long.toString(stderr));
    }
}
