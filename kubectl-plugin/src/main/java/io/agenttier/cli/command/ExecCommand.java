package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code exec NAME -- CMD}: runs a command, streams its output and ends with its exit code. */
final class ExecCommand implements Command {
    private static final int MAX_ANSWER = 1024 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "exec",
                "Run a command in a sandbox. Ends with the command's exit code: 128 + n if signal n ended it, 127 if there is"
                        + " no such program, 126 if it cannot be executed; 1 with the reason on standard error after a time-out,"
                        + " a cancellation, if output was dropped, or if the outcome is unknown. A lost connection goes on by itself. Ctrl-C cancels the command.");
        spec.usageMessage().customSynopsis("kubectl sandbox exec NAME [OPTIONS] -- COMMAND [ARG...]");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.value(
                "DURATION",
                "Stop the command after this time, for example 90s or 5m. Default: no limit.",
                "--timeout"));
        spec.addOption(Options.flag("Pass standard input on to the command.", "-i", "--stdin"));
        spec.addOption(Options.flag(
                "Give the command a terminal. With -i, keys go to the command, Ctrl-C too.", "-t", "--tty"));
        spec.addOption(Options.flag("Print the id of the process and leave it running.", "--detach"));
        spec.addOption(Options.repeated("NAME=VALUE", "Environment variable of the command; repeatable.", "--env"));
        spec.addOption(Options.value("DIR", "Working directory of the command.", "--workdir"));
        return spec;
    }

    @Override
    public boolean takesProgram() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        if (arguments.program().isEmpty()) {
            throw new UsageException(
                    "no command given: expected kubectl sandbox exec %s -- COMMAND [ARG...]".formatted(sandbox));
        }
        boolean isDetached = arguments.has("--detach");
        boolean isStreamed = arguments.has("--stdin") || arguments.has("--tty");
        if (isDetached && isStreamed) {
            throw new UsageException("--detach excludes -i and -t: a detached command is joined by attach");
        }
        var name = "kubectl-%016x".formatted(session.random().nextLong());
        var terminal = arguments.has("--tty") ? Optional.of(Terminal.ofProcess()) : Optional.<Terminal>empty();
        var body = body(arguments, name, isDetached, terminal);
        var process = new SandboxProcess(session.namespace(), sandbox, name, false);
        if (isStreamed) {
            return new StreamedExec(session, process, terminal).run(body, arguments.has("--stdin"));
        }
        return isDetached ? start(process, body, session) : follow(process, body, session);
    }

    private static byte[] body(Arguments arguments, String name, boolean isDetached, Optional<Terminal> terminal)
            throws IOException {
        var body = new LinkedHashMap<String, Object>();
        body.put("command", arguments.program());
        body.put("process", name);
        var timeout = arguments.text("--timeout");
        if (timeout.isPresent()) {
            body.put("timeoutSeconds", Durations.seconds(Durations.parse("--timeout", timeout.get())));
        }
        var env = env(arguments);
        if (!env.isEmpty()) {
            body.put("env", env);
        }
        arguments.text("--workdir").ifPresent(folder -> body.put("workingDir", folder));
        if (isDetached || arguments.has("--stdin") || terminal.isPresent()) {
            body.put("detach", true);
        }
        if (arguments.has("--stdin")) {
            body.put("openStdin", true);
        }
        if (terminal.isPresent()) {
            body.put("tty", true);
            var size = terminal.get().size();
            size.ifPresent(known -> body.put("cols", (long) known.columns()));
            size.ifPresent(known -> body.put("rows", (long) known.rows()));
        }
        return JsonWriter.compact(body).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> env(Arguments arguments) throws UsageException {
        var env = new LinkedHashMap<String, String>();
        for (var pair : arguments.texts("--env")) {
            int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw new UsageException("--env \"%s\" is invalid: expected NAME=VALUE".formatted(pair));
            }
            env.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return env;
    }

    private static int start(SandboxProcess process, byte[] body, Session session) throws IOException {
        var request = Request.of("POST", process.subresource("exec").toString())
                .accept("application/json")
                .body("application/json", body);
        try (var response = session.api().send(request)) {
            var answer = JsonReader.parse(response.bytes(MAX_ANSWER));
            session.output().line(answer.at("process").text().orElse(process.id()));
        }
        return ExitCode.OK;
    }

    private static int follow(SandboxProcess process, byte[] body, Session session) throws IOException {
        var request = Request.of(
                        "POST",
                        process.subresource("exec")
                                .query("onDisconnect", "keep")
                                .toString())
                .body("application/json", body);
        return ForegroundProcess.named(session, process).run(request);
    }
}
