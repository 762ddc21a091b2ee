package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;

/** {@code attach NAME}: the shell of a terminal session, or with {@code --process} a running process. Leaving it leaves it running. */
final class AttachCommand implements Command {
    /** As much of what was written before as a screen or two shows. */
    private static final long TAIL = 16 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "attach",
                "Open a shell in the sandbox that stays when you leave, or join a process: see its output, write to it. Ends with its exit code. A lost"
                        + " connection goes on by itself. In a terminal, ~. at the beginning of a line leaves; else Ctrl-C does.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.value(
                "SESSION", "Name of a terminal, whose shell is started if none runs. Default: main.", "--session"));
        spec.addOption(Options.value(
                "PROCESS", "Join this process instead: its id or own name, as ps shows it.", "--process"));
        spec.addOption(Options.value(
                "BYTES",
                "Begin at this offset of its output. Default: of a process the last 16 KiB, of a terminal its last screen.",
                "--offset"));
        spec.addOption(Options.flag("Become the writer although another client is.", "--takeover"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        if (arguments.has("--session") && arguments.has("--process")) {
            throw new UsageException("--session names a terminal and --process a process: give one of them");
        }
        var asked = arguments.has("--offset") ? OptionalLong.of(LogsCommand.offset(arguments)) : OptionalLong.empty();
        var id = arguments.text("--process");
        var joined = id.isPresent()
                ? process(session, new SandboxProcess(session.namespace(), sandbox, id.get(), true), asked)
                : TerminalShell.join(
                        session,
                        sandbox,
                        arguments.text("--session").orElse("main"),
                        Terminal.ofProcess().size());
        return follow(session, joined, asked, arguments.has("--takeover"));
    }

    /** A process that we may join, and where what it writes is shown from unless the user says so. */
    record Joined(SandboxProcess process, long offset, boolean withInput, boolean hasTerminal) {}

    private static Joined process(Session session, SandboxProcess process, OptionalLong asked) throws IOException {
        var info = ProcessLookup.find(process, session.api());
        long end = info.at("offset").number().orElse(0);
        return new Joined(
                process,
                asked.orElse(Math.max(0, end - TAIL)),
                info.at("stdinOpen").isTrue(),
                info.at("tty").isTrue());
    }

    private static int follow(Session session, Joined joined, OptionalLong asked, boolean takesOver)
            throws IOException {
        boolean withInput = joined.withInput();
        var joining = new Joining(
                asked.orElse(joined.offset()), asked.isPresent(), false, withInput, takesOver, joined.hasTerminal());
        var streams = new ProcessStreams(session, joined.process(), joining);
        Optional<ExecOutcome> outcome;
        if (joined.hasTerminal()) {
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
