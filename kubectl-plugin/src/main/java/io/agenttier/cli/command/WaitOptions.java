package io.agenttier.cli.command;

import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;

/** {@code --wait} and {@code --wait-timeout}, the same for all commands that start a sandbox. */
final class WaitOptions {
    private static final String DEFAULT = "180s";

    private WaitOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag("Wait until it is ready.", "--wait"));
        spec.addOption(Options.value(
                "DURATION",
                "How long --wait waits; 0 for as long as it takes. Default: " + DEFAULT + ".",
                "--wait-timeout"));
    }

    /** @throws UsageException if it is no duration; to be called before anything is done */
    static Duration limit(Arguments arguments) throws UsageException {
        return Durations.parse(
                "--wait-timeout", arguments.text("--wait-timeout").orElse(DEFAULT));
    }

    static void await(String sandbox, Duration limit, Session session) throws IOException {
        new ReadyWait(session.api(), session.namespace(), session.backoff(), session.interrupts(), System::nanoTime)
                .until(sandbox, limit);
    }
}
