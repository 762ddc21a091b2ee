package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ps NAME}: the processes of a sandbox, ended ones too as long as their records are kept. */
final class PsCommand implements Command {
    private static final int MAX_ANSWER = 32 * 1024 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec("ps", "List the processes of a sandbox, oldest first, with how they ended.");
        spec.addPositional(Options.argument(0, "NAME", "The sandbox."));
        spec.addOption(Options.value("json", "Print the list as the server gives it.", "-o", "--output"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var sandbox = Names.checked("sandbox", arguments.positional(0));
        var format = arguments.text("-o").orElse("");
        if (!format.isEmpty() && !format.equals("json")) {
            throw new UsageException("-o \"%s\" is invalid: expected json".formatted(format));
        }
        var list = list(sandbox, session);
        if (!format.isEmpty()) {
            session.output().line(list.pretty());
            return ExitCode.OK;
        }
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("PROCESS", "CLASS", "COMMAND", "STARTED", "STATUS", "STDOUT", "STDERR", "VIEWERS"));
        for (var item : list.at("items").items()) {
            rows.add(row(item));
        }
        session.output().line(Table.of(rows));
        return ExitCode.OK;
    }

    private static Json list(String sandbox, Session session) throws IOException {
        var path = ApiPath.subresource(session.namespace(), sandbox, "processes");
        try (var response =
                session.api().send(Request.of("GET", path.toString()).accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_ANSWER));
        }
    }

    private static List<String> row(Json process) {
        return List.of(
                process.at("id").textOrEmpty(),
                kind(process),
                process.at("name").textOrEmpty(),
                process.at("startedAt").textOrEmpty(),
                process.at("running").isTrue() ? "running" : ended(process.at("exit")),
                count(process.at("bytesStdout")),
                count(process.at("bytesStderr")),
                count(process.at("viewers")));
    }

    /** For example {@code exec}, {@code terminal/main}. */
    private static String kind(Json process) {
        var session = process.at("session").textOrEmpty();
        return process.at("class").textOrEmpty() + (session.isEmpty() ? "" : "/" + session);
    }

    /** For example {@code completed (0)}, {@code signaled KILL (137)}, {@code lost}. */
    private static String ended(Json exit) {
        var reason = exit.at("reason").text().orElse("unknown");
        var signal = exit.at("signal").textOrEmpty();
        var code = exit.at("exitCode").number();
        return reason
                + (signal.isEmpty() ? "" : " " + signal)
                + (code.isPresent() && code.getAsLong() >= 0 ? " (" + code.getAsLong() + ")" : "");
    }

    private static String count(Json number) {
        return number.number().isPresent() ? String.valueOf(number.number().getAsLong()) : "";
    }
}
