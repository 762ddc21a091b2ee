package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.json.YamlWriter;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

/** Calls to {@code ports}, and how their answers are shown. */
final class PortCall {
    private static final int MAX_ANSWER = 1024 * 1024;
    private static final Set<String> FORMATS = Set.of("table", "json", "yaml");

    private PortCall() {}

    static OptionSpec formatOption() {
        return Options.value("FORMAT", "table, json or yaml. Default table.", "-o", "--output");
    }

    static String format(Arguments arguments) throws UsageException {
        var format = arguments.text("-o").orElse("table");
        if (!FORMATS.contains(format)) {
            throw new UsageException("-o \"%s\" is invalid: expected table, yaml or json".formatted(format));
        }
        return format;
    }

    /** @return the number as it is sent */
    static int number(String text) throws UsageException {
        int port = text.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > PortPair.LAST) {
            throw new UsageException(
                    "port \"%s\" is invalid: expected a number from 1 to %d".formatted(text, PortPair.LAST));
        }
        return port;
    }

    static Json list(String sandbox, Session session) throws IOException {
        return answer(Request.of("GET", path(sandbox, session).toString()), session);
    }

    static Json add(String sandbox, int port, String protocol, Session session) throws IOException {
        var body = new LinkedHashMap<String, Object>();
        body.put("port", (long) port);
        body.put("protocol", protocol);
        return answer(
                Request.of("POST", path(sandbox, session).toString())
                        .body("application/json", JsonWriter.compact(body).getBytes(StandardCharsets.UTF_8)),
                session);
    }

    static void remove(String sandbox, int port, Session session) throws IOException {
        var path = path(sandbox, session).query("port", Integer.toString(port));
        try (var response =
                session.api().send(Request.of("DELETE", path.toString()).accept("application/json"))) {
            response.bytes(MAX_ANSWER);
        }
    }

    /** @param ports of which the table has a row each */
    static String shown(Json document, List<Json> ports, String format) {
        return switch (format) {
            case "json" -> document.pretty();
            case "yaml" -> YamlWriter.of(document.object());
            default -> table(ports);
        };
    }

    private static String table(List<Json> ports) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("PORT", "PROTOCOL", "INTERNAL URL", "PREVIEW URL"));
        for (var port : ports) {
            rows.add(List.of(
                    port.at("port").toString(),
                    port.at("protocol").textOrEmpty(),
                    port.at("internalUrl").textOrEmpty(),
                    port.at("previewUrl").textOrEmpty()));
        }
        return Table.of(rows);
    }

    private static ApiPath path(String sandbox, Session session) throws IOException {
        return ApiPath.subresource(session.namespace(), sandbox, "ports");
    }

    private static Json answer(Request request, Session session) throws IOException {
        try (var response = session.api().send(request.accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_ANSWER));
        }
    }
}
