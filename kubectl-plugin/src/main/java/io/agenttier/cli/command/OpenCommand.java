package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code open NAME PORT}: a web application of a sandbox in the browser here. */
final class OpenCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "open",
                "Forward a port of the sandbox to a free one here and open it in the browser. Goes on until Ctrl-C. The program in"
                        + " BROWSER is used if that is set.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "[LOCAL:]PORT", "The port of the sandbox that serves HTTP."));
        spec.addOption(Options.flag("Print the address and open nothing.", "--no-browser"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var text = arguments.positional(1);
        var pair = PortPair.parse(text.contains(":") ? text : ":" + text);
        try (var forward = new PortForward(session, sandbox)) {
            int local = forward.listen(PortForwardCommand.loopback(), pair);
            session.interrupts().onInterrupt(forward::close);
            var url = "http://localhost:%d/".formatted(local);
            session.output().line(url);
            if (!arguments.has("--no-browser")
                    && !new Browser(session.surroundings().environment()).open(url)) {
                session.output().problem("no browser was found: open %s in one".formatted(url));
            }
            forward.await();
        }
        return ExitCode.OK;
    }
}
