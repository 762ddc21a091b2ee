package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code archive NAME [PATH]}: a folder of a sandbox as one file, and back. */
final class ArchiveCommand implements Command {
    private static final String DEFAULT = "zip";

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "archive",
                "Write a folder of a sandbox into an archive, or extract an archive into one; no program is needed in the sandbox."
                        + " Links are kept as links. What cannot be archived is named at the end of the archive.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.optionalArgument(
                1, "PATH", "Folder in the sandbox, absolute or relative to its workspace. Default: the workspace."));
        spec.addOption(Options.value(
                "FILE",
                "Where to write the archive; - for standard output. Default: named like the folder, in the present one.",
                "-o",
                "--output"));
        spec.addOption(
                Options.value("FILE", "Extract this archive into PATH instead; - for standard input.", "--extract"));
        spec.addOption(Options.value(
                "FORMAT",
                "zip or tar.gz; with --extract also tar. Default: what the name of FILE says, else zip.",
                "--format"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var folder = new RemotePath(sandbox, arguments.positional(1));
        var output = arguments.text("-o");
        var source = arguments.text("--extract");
        if (output.isPresent() && source.isPresent()) {
            throw new UsageException("give one of -o FILE, to make an archive, and --extract FILE");
        }
        var format = format(arguments.text("--format"), source.or(() -> output), source.isPresent());
        return source.isPresent()
                ? extract(folder, source.get(), format, session)
                : make(folder, output.orElse(name(folder) + "." + format), format, session);
    }

    private static int make(RemotePath folder, String to, String format, Session session) throws IOException {
        var what = folder.toString();
        var download = new ArchiveDownload(session, folder, format, new Progress(session.output(), what, -1));
        if (to.equals("-")) {
            download.into(new OutputSink(session.output()));
            return ExitCode.OK;
        }
        try (var sink = LocalFile.at(Path.of(to), name(folder) + "." + format, session.interrupts())) {
            long bytes = download.into(sink);
            session.output().line("%s: %d bytes".formatted(to, bytes));
        }
        return ExitCode.OK;
    }

    private static int extract(RemotePath folder, String from, String format, Session session) throws IOException {
        if (from.equals("-")) {
            return extract(folder, session.surroundings().input(), -1, format, session);
        }
        var file = Path.of(from);
        if (Files.isDirectory(file)) {
            throw new FailedException("%s is a folder: --extract takes an archive".formatted(file));
        }
        try (var content = Files.newInputStream(file)) {
            return extract(folder, content, Files.isRegularFile(file) ? Files.size(file) : -1, format, session);
        } catch (NoSuchFileException e) {
            throw new FailedException("there is no file %s".formatted(file));
        }
    }

    private static int extract(RemotePath folder, InputStream content, long size, String format, Session session)
            throws IOException {
        var progress = new Progress(session.output(), folder.toString(), size);
        var done = new ArchiveUpload(session, folder, format, progress).from(content);
        session.output()
                .line("%s: %d files, %d bytes"
                        .formatted(
                                done.at("path").textOrEmpty(),
                                done.at("files").number().orElse(0),
                                done.at("bytes").number().orElse(0)));
        return ExitCode.OK;
    }

    private static String format(Optional<String> given, Optional<String> file, boolean mayBeTar)
            throws UsageException {
        if (given.isEmpty()) {
            return file.map(name -> ofName(name, mayBeTar)).orElse(DEFAULT);
        }
        var format = given.get();
        if (format.equals("zip") || format.equals("tar.gz") || (mayBeTar && format.equals("tar"))) {
            return format;
        }
        throw new UsageException(
                "--format \"%s\" is invalid: expected zip or tar.gz, with --extract also tar".formatted(format));
    }

    private static String ofName(String name, boolean mayBeTar) {
        if (name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
            return "tar.gz";
        }
        return mayBeTar && name.endsWith(".tar") ? "tar" : DEFAULT;
    }

    private static String name(RemotePath folder) {
        var path = folder.path().replaceFirst("/+$", "");
        var last = path.substring(path.lastIndexOf('/') + 1);
        return last.isEmpty() || last.equals(".") ? folder.sandbox() : last;
    }
}
