package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code logs NAME PROCESS}: what a process has written, and with {@code -f} what it writes until it ends. {@code logs NAME --source install}:
 * what the last installation of an agent has written, as far as it is kept.
 */
final class LogsCommand implements Command {
    private static final Set<String> STREAMS = Set.of("stdout", "stderr");
    private static final String BYTES = "application/octet-stream";
    private static final int BLOCK_BYTES = 64 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "logs",
                "Print what a process has written: standard output and standard error in order of arrival, both on standard output.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.optionalArgument(1, "PROCESS", "Id or own name of the process, as ps shows it."));
        spec.addOption(
                Options.flag("Go on until the process ends. A lost connection goes on by itself.", "-f", "--follow"));
        spec.addOption(Options.value("stdout|stderr", "Only this stream.", "--stream"));
        spec.addOption(Options.value(
                "BYTES", "Leave out this many bytes at the beginning, of the stream or of both together.", "--offset"));
        spec.addOption(Options.value(
                "install",
                "Instead of a process: the last installation of the agent. Of a sandbox without a pod the last 8 KiB.",
                "--source"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        if (arguments.has("--source")) {
            return install(arguments, session, sandbox);
        }
        var id = arguments.positional(1);
        if (id.isEmpty()) {
            throw new UsageException(
                    "PROCESS is missing: \"kubectl sandbox ps %s\" lists them, --source install is the installation of the agent"
                            .formatted(sandbox));
        }
        var stream = arguments.text("--stream").orElse("");
        if (!stream.isEmpty() && !STREAMS.contains(stream)) {
            throw new UsageException("--stream \"%s\" is invalid: expected stdout or stderr".formatted(stream));
        }
        long offset = offset(arguments);
        var process = new SandboxProcess(session.namespace(), sandbox, id, true);
        var output = ProcessOutput.merged(process, offset, arguments.has("--offset"), session.output());
        new LogReader(session, output, stream).run(arguments.has("--follow"));
        return output.isIncomplete() ? ExitCode.FAILED : ExitCode.OK;
    }

    /** One answer, whole: an installation that runs is followed as the process that it is. */
    private static int install(Arguments arguments, Session session, String sandbox) throws IOException {
        var source = arguments.text("--source").orElse("");
        if (!source.equals("install")) {
            throw new UsageException("--source \"%s\" is invalid: expected install".formatted(source));
        }
        if (!arguments.positional(1).isEmpty()) {
            throw new UsageException("PROCESS and --source are both given: choose one");
        }
        for (var option : List.of("--follow", "--stream", "--offset")) {
            if (arguments.has(option)) {
                throw new UsageException(
                        "%s is for a process, not for --source: name the installation that \"kubectl sandbox ps %s\" shows"
                                .formatted(option, sandbox));
            }
        }
        var path = ApiPath.subresource(session.namespace(), sandbox, "log").query("source", source);
        try (var response =
                session.api().send(Request.of("GET", path.toString()).accept(BYTES))) {
            var block = new byte[BLOCK_BYTES];
            for (int count = response.body().read(block);
                    count >= 0;
                    count = response.body().read(block)) {
                session.output().data(block, 0, count);
            }
        }
        return ExitCode.OK;
    }

    static long offset(Arguments arguments) throws UsageException {
        var text = arguments.text("--offset").orElse("0");
        if (!text.matches("[0-9]{1,18}")) {
            throw new UsageException("--offset \"%s\" is invalid: expected a number of bytes from 0".formatted(text));
        }
        return Long.parseLong(text);
    }
}
