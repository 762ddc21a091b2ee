package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ports add NAME PORT}: gives a port of a sandbox a Service, and a preview if it speaks HTTP. */
final class PortsAddCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "ports add", "Declare a port of a sandbox: it gets a Service, and a preview where there are previews.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PORT", "Port in the sandbox, 1 to 65535."));
        spec.addOption(Options.value(
                "PROTOCOL", "http, which has a preview where there are previews, or tcp. Default http.", "--protocol"));
        spec.addOption(PortCall.formatOption());
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        int port = PortCall.number(arguments.positional(1));
        var format = PortCall.format(arguments);
        var protocol = arguments.text("--protocol").orElse("http");
        if (!protocol.equals("http") && !protocol.equals("tcp")) {
            throw new UsageException("--protocol \"%s\" is invalid: expected http or tcp".formatted(protocol));
        }
        var added = PortCall.add(sandbox, port, protocol, session);
        session.output().line(PortCall.shown(added, List.of(added), format));
        return ExitCode.OK;
    }
}
