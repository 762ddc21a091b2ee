package io.agenttier.cli.command;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code resume NAME...}: starts stopped sandboxes on the workspaces they had. */
final class ResumeCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec("resume", "Start stopped sandboxes again, on the workspaces they had.");
        spec.addPositional(Options.arguments("NAME", "The sandboxes."));
        WaitOptions.addTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var limit = WaitOptions.limit(arguments);
        boolean waits = arguments.has("--wait");
        return ForEach.of(arguments.positionals(), session, sandbox -> {
            PowerCall.send(sandbox, "resume", session);
            if (waits) {
                WaitOptions.await(sandbox, limit, session);
            }
            session.output().line("sandbox.agenttier.io/%s %s".formatted(sandbox, waits ? "ready" : "resuming"));
        });
    }
}
