package io.agenttier.cli.command;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cp NAME:PATH LOCAL} and {@code cp LOCAL NAME:PATH}. */
final class CpCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "cp",
                "Copy a file, or a folder with all that is in it, out of a sandbox or into one; no program is needed in the sandbox."
                        + " If the destination is a folder, the copy stands in it under its own name."
                        + " Permissions and times are kept. Links are kept on the way out where they lead into the copy, and told on the way in.");
        spec.usageMessage()
                .customSynopsis("kubectl sandbox cp NAME:PATH LOCAL [OPTIONS]", "kubectl sandbox cp LOCAL NAME:PATH");
        spec.addPositional(Options.argument(
                0, "FROM", "NAME:PATH in a sandbox, absolute or relative to its workspace, or a local path."));
        spec.addPositional(Options.argument(1, "TO", "The other one of these."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var from = RemotePath.parse(arguments.positional(0));
        var to = RemotePath.parse(arguments.positional(1));
        if (from.isPresent() == to.isPresent()) {
            throw new UsageException(
                    "expected one NAME:PATH and one local path; a local path with a colon is written ./a:b");
        }
        return from.isPresent()
                ? new CopyOut(session).run(from.get(), local(arguments.positional(1)))
                : new CopyIn(session).run(local(arguments.positional(0)), to.orElseThrow());
    }

    private static Path local(String word) throws UsageException {
        try {
            return Path.of(word);
        } catch (InvalidPathException e) {
            throw new UsageException("path \"%s\" is no local path: %s".formatted(word, e.getReason()));
        }
    }
}
