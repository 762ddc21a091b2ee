package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code attach NAME --process P}: joins a running process. Leaving it leaves it running. */
final class AttachCommand implements Command {
    /** As much of what was written before as a screen or two shows. */
    private static final long TAIL = 16 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "attach",
                "Join a process: see its output, write to its standard input, use its terminal. Ends with its exit code. A lost"
                        + " connection goes on by itself. In a terminal, ~. at the beginning of a line leaves; else Ctrl-C does.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.value("PROCESS", "Id or own name of the process, as ps shows it.", "--process"));
        spec.addOption(
                Options.value("BYTES", "Begin at this offset of its output. Default: the last 16 KiB.", "--offset"));
        spec.addOption(Options.flag("Become the writer although another client is.", "--takeover"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var id = arguments
                .text("--process")
                .orElseThrow(() -> new UsageException(
                        "give --process: the process to join, as kubectl sandbox ps %s shows it".formatted(sandbox)));
        long asked = LogsCommand.offset(arguments);
        var process = new SandboxProcess(session.namespace(), sandbox, id, true);
        var info = ProcessLookup.find(process, session.api());
        long end = info.at("offset").number().orElse(0);
        long offset = arguments.has("--offset") ? asked : Math.max(0, end - TAIL);
        boolean withInput = info.at("stdinOpen").isTrue();
        boolean hasTerminal = info.at("tty").isTrue();
        var joining = new Joining(
                offset, arguments.has("--offset"), false, withInput, arguments.has("--takeover"), hasTerminal);
        var streams = new ProcessStreams(session, process, joining);
        Optional<ExecOutcome> outcome;
        if (hasTerminal) {
            var keys = new EscapeInput(session.surroundings().input(), streams::leave);
            outcome = new TerminalSession(session, Terminal.ofProcess(), streams)
                    .run(withInput ? Optional.<InputStream>of(keys) : Optional.empty(), () -> {});
        } else {
            if (withInput) {
                streams.reading(session.surroundings().input());
            }
            outcome = streams.run();
        }
        outcome.flatMap(ExecOutcome::message).ifPresent(session.output()::problem);
        return outcome.map(ExecOutcome::exitCode).orElse(ExitCode.OK);
    }
}
