package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.YamlWriter;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** {@code configure NAME}: gives the agent of a sandbox its files, what it needs, and the program that invocations run. */
final class ConfigureCommand implements Command {
    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "configure",
                "Configure the agent of a sandbox: write files, run an install command, set the program that invoke runs."
                        + " At least one of them. Output of the install goes to standard error. With the same files and install"
                        + " command as before nothing is run. If the install fails, the former configuration stays in force;"
                        + " ends with 1 then. A lost connection goes on by itself; after Ctrl-C the install runs on.");
        spec.usageMessage().customSynopsis("kubectl sandbox configure NAME [OPTIONS] [-- ARGV...]");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.repeated(
                "REMOTE=LOCAL",
                "Write this local file to that absolute path below the workspace; repeatable. One above 32 MiB goes up before,"
                        + " and a change of it alone runs no install.",
                "--file"));
        spec.addOption(Options.value("TEXT", "Script for sh -c that installs what the agent needs.", "--install"));
        spec.addOption(Options.value(
                "TEXT",
                "Program and arguments of the agent, split into words as a shell does; nothing is expanded. Or give them after --.",
                "--entrypoint"));
        spec.addOption(Options.value("json|yaml", "Print the result instead of a sentence.", "-o", "--output"));
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  kubectl sandbox configure web --file /workspace/agent.py=agent.py -- python3 agent.py",
                        "  kubectl sandbox configure web --install 'pip install -r requirements.txt' --entrypoint 'python3 agent.py'");
        return spec;
    }

    @Override
    public boolean takesProgram() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var format = arguments.text("-o").orElse("");
        if (!format.isEmpty() && !format.equals("json") && !format.equals("yaml")) {
            throw new UsageException("-o \"%s\" is invalid: expected json or yaml".formatted(format));
        }
        var rest = rest(arguments);
        var files = files(arguments);
        if (files.isEmpty() && rest.isEmpty()) {
            throw new UsageException("give at least one of --file, --install and --entrypoint");
        }
        var ahead = ConfigureFile.tooLarge(files);
        if (ahead.size() == files.size() && rest.isEmpty()) {
            throw new FailedException("nothing is left to configure: files above %d bytes are written by \"files put\""
                    .formatted(ConfigureFile.MAX_FILE));
        }
        for (var file : ahead) {
            FilesPutCommand.putFile(file.local(), new RemotePath(sandbox, file.remote()), "", session);
        }
        var taken = files.stream().filter(file -> !ahead.contains(file)).toList();
        return configure(sandbox, new ConfigureBody(taken, rest), format, session);
    }

    private static List<ConfigureFile> files(Arguments arguments) throws IOException {
        var files = new ArrayList<ConfigureFile>();
        for (var pair : arguments.texts("--file")) {
            files.add(ConfigureFile.parse(pair));
        }
        return files;
    }

    private static Map<String, Object> rest(Arguments arguments) throws UsageException {
        var rest = new LinkedHashMap<String, Object>();
        arguments.text("--install").ifPresent(script -> rest.put("installScript", script));
        var entrypoint = arguments.text("--entrypoint");
        if (entrypoint.isPresent() && !arguments.program().isEmpty()) {
            throw new UsageException("give one of --entrypoint TEXT and -- ARGV: the program of the agent");
        }
        if (entrypoint.isPresent()) {
            var words = ShellWords.split("--entrypoint", entrypoint.get());
            if (words.isEmpty()) {
                throw new UsageException("--entrypoint \"%s\" names no program".formatted(entrypoint.get()));
            }
            rest.put("entrypoint", words);
        } else if (!arguments.program().isEmpty()) {
            rest.put("entrypoint", arguments.program());
        }
        return rest;
    }

    private static int configure(String sandbox, ConfigureBody body, String format, Session session)
            throws IOException {
        var install = new SandboxProcess(session.namespace(), sandbox, "of the install", false);
        var silence = session.surroundings().silence();
        var request = Request.of("POST", install.subresource("configure").toString())
                .accept(ProcessFollower.EVENTS)
                .body("application/json", body)
                .within(Request.UNARY, silence);
        session.interrupts()
                .onInterrupt(() -> session.output().problem("the install runs on; the same command again joins it"));
        try {
            var outcome = new ConfigureCall(session, install).run(request);
            if (outcome.result().isPresent()) {
                return tell(sandbox, outcome.result().get(), format, session);
            }
            session.output().problem(failure(outcome.failure().orElseThrow()));
            return ExitCode.FAILED;
        } finally {
            session.interrupts().onInterrupt(null);
        }
    }

    private static int tell(String sandbox, Json result, String format, Session session) throws IOException {
        var code = result.at("installExitCode").number();
        boolean hasFailed = code.isPresent() && code.getAsLong() != 0;
        if (format.equals("json")) {
            session.output().line(result.pretty());
        } else if (format.equals("yaml")) {
            session.output().line(YamlWriter.of(result.object()));
        } else if (!hasFailed) {
            session.output().line(summary(sandbox, result));
        }
        if (hasFailed) {
            session.output().problem(failure(new ExecOutcome((int) code.getAsLong(), Optional.empty())));
        }
        return hasFailed ? ExitCode.FAILED : ExitCode.OK;
    }

    private static String summary(String sandbox, Json result) {
        var words =
                result.at("entrypoint").items().stream().map(Json::textOrEmpty).collect(Collectors.joining(" "));
        var entrypoint = words.isEmpty() ? "no entrypoint yet" : "entrypoint " + Table.printable(words);
        var done = result.at("skipped").isTrue() ? "files and install are in force already" : "configured";
        return "%s: %s, %s".formatted(sandbox, done, entrypoint);
    }

    private static String failure(ExecOutcome ended) {
        var how = ended.message().orElse("exit code " + ended.exitCode());
        return "the install failed (%s): the former configuration stays in force".formatted(how);
    }
}
