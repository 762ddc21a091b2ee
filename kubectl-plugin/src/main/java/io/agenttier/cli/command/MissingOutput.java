package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.output.Output;
import java.util.Optional;

/** Output that the sandbox dropped before we read it. Said at once; and a command whose output is incomplete has not succeeded for us. */
final class MissingOutput {
    private final Output output;
    private long bytes;

    MissingOutput(Output output) {
        this.output = output;
    }

    /** Warns, without counting it as a loss. */
    void warn(long from, long to) {
        output.problem(
                "warning: %d bytes of output, from offset %d on, were dropped in the sandbox because its spool was full"
                        .formatted(to - from, from));
    }

    void add(long from, long to) {
        warn(from, to);
        bytes += to - from;
    }

    /** The command's own failure stands; its success becomes a failure of ours if output is missing. */
    ExecOutcome judge(ExecOutcome outcome) {
        if (bytes == 0 || outcome.exitCode() != 0) {
            return outcome;
        }
        return new ExecOutcome(
                ExitCode.FAILED,
                Optional.of("incomplete: the command ended with exit code 0, but %d bytes of its output are missing"
                        .formatted(bytes)));
    }

    /** How many bytes are missing. */
    long bytes() {
        return bytes;
    }
}
