package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ports list NAME}: the declared ports of a sandbox, with their addresses. */
final class PortsListCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec("ports list", "List the declared ports of a sandbox, with their addresses.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(PortCall.formatOption());
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var format = PortCall.format(arguments);
        var list = PortCall.list(sandbox, session);
        session.output().line(PortCall.shown(list, list.at("items").items(), format));
        return ExitCode.OK;
    }
}
