package io.agenttier.cli;

import io.agenttier.cli.command.Interrupts;
import io.agenttier.cli.command.Surroundings;
import io.agenttier.cli.output.Output;
import io.agenttier.cli.transport.Backoff;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The process. The launcher says by {@code -Dagenttier.terminal.in} and {@code .err} whether these streams are terminals, since Java cannot tell
 * for standard error and is slow for the rest. Random numbers are made where one is wanted, since the first costs 15 ms.
 */
public final class Main {
    private static final Duration SILENCE = Duration.ofSeconds(50);

    private Main() {}

    public static void main(String[] words) {
        var interrupts = new Interrupts();
        // runs on SIGINT, SIGTERM and SIGHUP, after which the JVM itself ends with 128 + n; a normal end passes it by
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(interrupts::begin));
        var surroundings = new Surroundings(
                Output.ofProcess(Boolean.getBoolean("agenttier.terminal.err")),
                System.in,
                System.getenv(),
                Boolean.getBoolean("agenttier.terminal.in"),
                interrupts,
                () -> new SecureRandom().nextLong(),
                Backoff.FIRST,
                SILENCE);
        int code = new Cli(surroundings).run(List.of(words));
        while (interrupts.hasBegun()) {
            LockSupport.park();
        }
        Runtime.getRuntime().halt(code);
    }
}
