package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ports remove NAME PORT}: takes back what {@code ports add} declared. */
final class PortsRemoveCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec =
                Options.spec("ports remove", "Take back a port that ports add declared, with its Service and preview.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PORT", "Port in the sandbox."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        int port = PortCall.number(arguments.positional(1));
        PortCall.remove(sandbox, port, session);
        session.output().line("port %d of sandbox %s removed".formatted(port, sandbox));
        return ExitCode.OK;
    }
}
