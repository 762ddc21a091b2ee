package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** {@code logs NAME PROCESS}: what a process has written, and with {@code -f} what it writes until it ends. */
final class LogsCommand implements Command {
    private static final Set<String> STREAMS = Set.of("stdout", "stderr");

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "logs",
                "Print what a process has written: standard output and standard error in order of arrival, both on standard output.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PROCESS", "Id or own name of the process, as ps shows it."));
        spec.addOption(
                Options.flag("Go on until the process ends. A lost connection goes on by itself.", "-f", "--follow"));
        spec.addOption(Options.value("stdout|stderr", "Only this stream.", "--stream"));
        spec.addOption(Options.value(
                "BYTES", "Leave out this many bytes at the beginning, of the stream or of both together.", "--offset"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var stream = arguments.text("--stream").orElse("");
        if (!stream.isEmpty() && !STREAMS.contains(stream)) {
            throw new UsageException("--stream \"%s\" is invalid: expected stdout or stderr".formatted(stream));
        }
        long offset = offset(arguments);
        var process = new SandboxProcess(session.namespace(), sandbox, arguments.positional(1), true);
        var output = ProcessOutput.merged(process, offset, arguments.has("--offset"), session.output());
        new LogReader(session, output, stream).run(arguments.has("--follow"));
        return output.isIncomplete() ? ExitCode.FAILED : ExitCode.OK;
    }

    static long offset(Arguments arguments) throws UsageException {
        var text = arguments.text("--offset").orElse("0");
        if (!text.matches("[0-9]{1,18}")) {
            throw new UsageException("--offset \"%s\" is invalid: expected a number of bytes from 0".formatted(text));
        }
        return Long.parseLong(text);
    }
}
