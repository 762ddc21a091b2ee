package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code cancel NAME PROCESS}, also {@code kill}: ends a process, or sends it a signal. */
final class CancelCommand implements Command {
    private static final int MAX_ANSWER = 1024 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "cancel",
                "Cancel a process: TERM to it and what it started, KILL after 5 s. With --signal, only send that signal."
                        + " A process that has ended is left alone.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addPositional(Options.argument(1, "PROCESS", "Id or own name of the process, as ps shows it."));
        spec.addOption(
                Options.value("SIGNAL", "Send this signal, for example INT or 2, instead of canceling.", "--signal"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var process = new SandboxProcess(session.namespace(), sandbox, arguments.positional(1), true);
        var signal = arguments.text("--signal");
        var path = process.cancelPath();
        if (signal.isPresent()) {
            path = path.query("signal", signal.get());
        }
        try (var response =
                session.api().send(Request.of("DELETE", path.toString()).accept("application/json"))) {
            response.bytes(MAX_ANSWER);
        }
        session.output()
                .line("process %s %s"
                        .formatted(
                                process.id(),
                                signal.map(name -> "got signal " + name).orElse("canceled")));
        return ExitCode.OK;
    }
}
