package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiPath;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/** {@code files get NAME PATH}: copies one file out of a sandbox. */
final class FilesGetCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec("files get", "Copy a file out of a sandbox, with its permissions and time.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PATH", "File in the sandbox, absolute or relative to its workspace."));
        spec.addOption(Options.value(
                "FILE",
                "Where to write it; - for standard output. Default: the same name in the present folder.",
                "-o",
                "--output"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var path = arguments.positional(1);
        var name = baseName(path);
        var to = arguments.text("-o").orElse(name);
        var call = ApiPath.subresource(session.namespace(), sandbox, "files")
                .query("path", path)
                .toString();
        var download = new Download(
                session.api(),
                call,
                session.backoff(),
                session.interrupts(),
                total -> new Progress(session.output(), name, total));
        if (to.equals("-")) {
            download.into(new OutputSink(session.output()));
            return ExitCode.OK;
        }
        try (var sink = LocalFile.at(Path.of(to), name, session.interrupts())) {
            long bytes = download.into(sink);
            session.output().line("%s: %d bytes".formatted(to, bytes));
        }
        return ExitCode.OK;
    }

    private static String baseName(String path) throws UsageException {
        var name = path.substring(path.lastIndexOf('/') + 1);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new UsageException("path \"%s\" names no file".formatted(path));
        }
        return name;
    }
}
