package io.agenttier.cli.command;

import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import picocli.CommandLine.Model.CommandSpec;

/** {@code version}: this plugin's, and what the cluster says. */
final class VersionCommand implements Command {
    private static final int MAX_ANSWER = 1024 * 1024;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec("version", "Show the versions of this plugin and of the cluster.");
        spec.addOption(Options.flag("Only this plugin's; asks no cluster.", "--client"));
        spec.addOption(Options.value("json", "Print a JSON document.", "-o", "--output"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var format = arguments.text("-o").orElse("");
        if (!format.isEmpty() && !format.equals("json")) {
            throw new UsageException("-o \"%s\" is invalid: expected json".formatted(format));
        }
        var versions = new LinkedHashMap<String, Object>();
        versions.put("clientVersion", own());
        if (!arguments.has("--client")) {
            versions.put("kubernetesVersion", kubernetes(session));
            versions.put("agenttierAvailable", isAvailable(session));
        }
        if (format.equals("json")) {
            session.output().line(JsonWriter.pretty(versions));
            return ExitCode.OK;
        }
        session.output().line("Client Version: " + versions.get("clientVersion"));
        if (versions.size() > 1) {
            session.output().line("Kubernetes Version: " + versions.get("kubernetesVersion"));
            session.output()
                    .line(
                            "AgentTier API: "
                                    + (Boolean.TRUE.equals(versions.get("agenttierAvailable"))
                                            ? "subresources-v1alpha1, available"
                                            : "not available; check with: kubectl get apiservice subresources-v1alpha1.agenttier.io"));
        }
        return ExitCode.OK;
    }

    /** The version of this plugin. */
    static String own() throws IOException {
        try (var in = VersionCommand.class.getResourceAsStream("/io/agenttier/cli/version")) {
            if (in == null) {
                throw new FailedException("this plugin was packaged without its version");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private static String kubernetes(Session session) throws IOException {
        try (var response = session.api().send(Request.of("GET", "/version").accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_ANSWER))
                    .at("gitVersion")
                    .text()
                    .orElse("unknown");
        }
    }

    private static boolean isAvailable(Session session) throws IOException {
        try (var response =
                session.api().send(Request.of("GET", ApiPath.SUBRESOURCES).accept("application/json"))) {
            return response.status() == 200;
        } catch (ApiException e) {
            if (e.failure().isUnknownPath() || e.failure().isPassing()) {
                return false;
            }
            throw e;
        }
    }
}
