package io.agenttier.cli.command;

import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code invoke NAME}: runs the agent of a sandbox once, streams its output and ends with its exit code. */
final class InvokeCommand implements Command {
    private static final int MAX_ANSWER = 1024 * 1024;
    private static final List<String> RUNNING = List.of("--prompt", "--input", "--timeout", "--idempotency-key");

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "invoke",
                "Run the agent of a sandbox once: a new process of its entrypoint. Ends with the agent's exit code: 128 + n if"
                        + " signal n ended it, 127 if there is no such program, 126 if it cannot be executed; 1 with the reason on"
                        + " standard error after a time-out, a cancellation, if output was dropped, or if the outcome is unknown."
                        + " A lost connection goes on by itself. Ctrl-C cancels the invocation.");
        spec.usageMessage()
                .customSynopsis(
                        "kubectl sandbox invoke NAME [OPTIONS] [-- ARG...]",
                        "       kubectl sandbox invoke NAME --cancel ID");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.value(
                "TEXT",
                "Becomes the agent's argument --prompt=TEXT, and its standard input if there is no --input.",
                "--prompt"));
        spec.addOption(Options.value(
                "STR|@FILE|-",
                "Standard input of the agent: this text, a file, or our own standard input; at most 16 MiB. Default: none.",
                "--input"));
        spec.addOption(Options.value(
                "DURATION",
                "Stop the agent after this time, for example 90s or 5m. Only lower than the sandbox's own limit.",
                "--timeout"));
        spec.addOption(Options.value(
                "KEY", "Calls with the same key are one invocation. Default: each call is one.", "--idempotency-key"));
        spec.addOption(Options.value("ID", "Cancel this invocation instead, as ps shows it.", "--cancel"));
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  kubectl sandbox invoke web --prompt 'Sum up the reports'",
                        "  kubectl sandbox invoke web --input @task.json --timeout 10m -- --verbose",
                        "  git diff | kubectl sandbox invoke web --input -");
        return spec;
    }

    @Override
    public boolean takesProgram() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var canceled = arguments.text("--cancel");
        if (canceled.isPresent()) {
            if (RUNNING.stream().anyMatch(arguments::has)
                    || !arguments.program().isEmpty()) {
                throw new UsageException("--cancel stands alone: it runs nothing");
            }
            return cancel(new SandboxProcess(session.namespace(), sandbox, canceled.get(), true), session);
        }
        var timeout = timeout(arguments);
        var body = InvokeBody.of(arguments, session.surroundings().input());
        var process = new SandboxProcess(session.namespace(), sandbox, "of the invocation", false);
        var path = process.subresource("invoke").query("onDisconnect", "keep");
        var key = "%016x%016x"
                .formatted(session.random().nextLong(), session.random().nextLong());
        var request = Request.of("POST", (timeout.isEmpty() ? path : path.query("invokeTimeout", timeout)).toString())
                .header("Idempotency-Key", arguments.text("--idempotency-key").orElse(key))
                .body(body.mediaType(), body.content());
        return ForegroundProcess.keyed(session, process).run(request);
    }

    private static int cancel(SandboxProcess invocation, Session session) throws IOException {
        var request = Request.of("DELETE", invocation.cancelPath().toString()).accept("application/json");
        try (var response = session.api().send(request)) {
            response.bytes(MAX_ANSWER);
        }
        session.output().line("invocation %s canceled".formatted(invocation.id()));
        return ExitCode.OK;
    }

    /** As the server reads it; empty for its own limit. */
    private static String timeout(Arguments arguments) throws UsageException {
        var text = arguments.text("--timeout");
        if (text.isEmpty()) {
            return "";
        }
        long seconds = Durations.seconds(Durations.parse("--timeout", text.get()));
        if (seconds == 0) {
            throw new UsageException(
                    "--timeout \"%s\" is invalid: it can only lower the limit of the sandbox".formatted(text.get()));
        }
        return seconds + "s";
    }
}
