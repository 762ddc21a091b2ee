package io.agenttier.cli.command;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code stop NAME...}: pods go, workspaces stay. */
final class StopCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec("stop", "Stop sandboxes. Their pods are removed, their workspaces are kept.");
        spec.addPositional(Options.arguments("NAME", "The sandboxes."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return ForEach.of(arguments.positionals(), session, sandbox -> {
            PowerCall.send(sandbox, "stop", session);
            session.output().line("sandbox.agenttier.io/%s stopping".formatted(sandbox));
        });
    }
}
