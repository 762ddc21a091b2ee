package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code files put NAME PATH}: writes one file into a sandbox. */
final class FilesPutCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec("files put", "Write a file into a sandbox. Parent folders are made.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PATH", "File in the sandbox, absolute or relative to its workspace."));
        spec.addOption(Options.value("FILE", "Local file to copy; - for standard input.", "--file"));
        spec.addOption(Options.value("TEXT", "Write this text.", "--data"));
        spec.addOption(Options.value(
                "MODE", "Permission bits, for example 0755. Default: those of FILE, else 0644.", "--mode"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var path = arguments.positional(1);
        var file = arguments.text("--file");
        var data = arguments.text("--data");
        if (file.isPresent() == data.isPresent()) {
            throw new UsageException("give one of --file FILE, --file - and --data TEXT: the content of the file");
        }
        var mode = arguments.text("--mode").orElse("");
        if (arguments.has("--mode") && !mode.matches("0?[0-7]{3}")) {
            throw new UsageException(
                    "--mode \"%s\" is invalid: expected octal permission bits such as 0644".formatted(mode));
        }
        var place = new RemotePath(sandbox, path);
        var properties = new FileProperties(mode, Optional.empty());
        long bytes;
        if (data.isPresent()) {
            var text = data.get().getBytes(StandardCharsets.UTF_8);
            bytes = put(new ByteArrayInputStream(text), text.length, place, properties, session);
        } else if (file.orElse("").equals("-")) {
            bytes = put(session.surroundings().input(), -1, place, properties, session);
        } else {
            bytes = putFile(Path.of(file.orElse("")), place, mode, session);
        }
        session.output().line("%s: %d bytes written".formatted(path, bytes));
        return ExitCode.OK;
    }

    static long putFile(Path file, RemotePath place, String mode, Session session) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FailedException("%s is a folder: files put copies one file".formatted(file));
        }
        try (var content = Files.newInputStream(file)) {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            var own = FileProperties.of(file, attributes);
            var properties = mode.isEmpty() ? own : new FileProperties(mode, own.modifiedAt());
            return attributes.isRegularFile()
                    ? put(content, attributes.size(), place, properties, session)
                    : put(content, -1, place, new FileProperties(properties.mode(), Optional.empty()), session);
        } catch (NoSuchFileException e) {
            throw new FailedException("there is no file %s".formatted(file));
        }
    }

    private static long put(
            InputStream content, long size, RemotePath place, FileProperties properties, Session session)
            throws IOException {
        var progress = new Progress(session.output(), place.path(), size);
        return new Upload(session, place, properties, progress).from(content);
    }
}
