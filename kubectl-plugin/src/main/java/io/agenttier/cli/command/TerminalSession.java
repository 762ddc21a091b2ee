package io.agenttier.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Joins streams of a process to the user's terminal for as long as they run. The terminal is given back however that ends. */
final class TerminalSession {
    /** Java hears of no SIGWINCH without internal classes. */
    private static final long SIZE_EVERY_MILLIS = 500;

    private final Session session;
    private final Terminal terminal;
    private final ProcessStreams streams;

    TerminalSession(Session session, Terminal terminal, ProcessStreams streams) {
        this.session = session;
        this.terminal = terminal;
        this.streams = streams;
    }

    /**
     * @param input what goes to the process; empty if it gets none, and then the terminal stays as it is
     * @param onInterrupt what a signal to us does besides, after the terminal was given back
     */
    Optional<ExecOutcome> run(Optional<InputStream> input, Runnable onInterrupt) throws IOException {
        var size = terminal.size();
        size.ifPresent(streams::resized);
        if (input.isEmpty() || !session.surroundings().isInteractive()) {
            input.ifPresent(streams::reading);
            session.interrupts().onInterrupt(onInterrupt);
            return watched(size);
        }
        var raw = terminal.raw();
        try {
            session.interrupts().onInterrupt(() -> {
                raw.restore();
                onInterrupt.run();
            });
            streams.reading(input.get());
            return watched(size);
        } finally {
            raw.restore();
            session.interrupts().onInterrupt(null);
        }
    }

    /** @param told the size that the process knows of: the terminal may have another one by the time the watching begins */
    private Optional<ExecOutcome> watched(Optional<TerminalSize> told) throws IOException {
        var ended = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("terminal-size").start(() -> {
            var last = told;
            try {
                while (!ended.await(SIZE_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                    var now = terminal.size();
                    if (now.isPresent() && !now.equals(last)) {
                        streams.resized(now.get());
                    }
                    last = now;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return streams.run();
        } finally {
            ended.countDown();
        }
    }
}
