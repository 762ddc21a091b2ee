package io.agenttier.cli.command;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.output.ExitCode;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** {@code create NAME}: makes a Sandbox from a template or an image. */
final class CreateCommand implements Command {
    private static final int MAX_OBJECT = 8 * 1024 * 1024;
    private static final Set<String> DRY_RUNS = Set.of("none", "client", "server");
    private static final Set<String> FORMATS = Set.of("name", "json");

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "create", "Create a sandbox from a template, from an image, or from a template with another image.");
        spec.addPositional(Options.argument(0, "NAME", "The new sandbox."));
        spec.addOption(Options.value(
                "NAME", "Template: a SandboxTemplate of the namespace, else a ClusterSandboxTemplate.", "--template"));
        spec.addOption(Options.value("IMAGE", "Container image.", "--image"));
        spec.addOption(Options.value("QUANTITY", "Size of the workspace, for example 20Gi.", "--storage-size"));
        WaitOptions.addTo(spec);
        spec.addOption(Options.value(
                "none|client|server",
                "Create nothing: client only shows what would be sent, server lets the server check it.",
                "--dry-run"));
        spec.addOption(
                Options.value("name|json", "Print the name or the object instead of a sentence.", "-o", "--output"));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var name = Names.checked("sandbox", arguments.positional(0));
        var dryRun = oneOf("--dry-run", arguments.text("--dry-run").orElse("none"), DRY_RUNS);
        var format = arguments.text("-o").orElse("");
        if (!format.isEmpty()) {
            format = oneOf("-o", format, FORMATS);
        }
        var limit = WaitOptions.limit(arguments);
        if (arguments.text("--template").isEmpty() && arguments.text("--image").isEmpty()) {
            throw new UsageException("give --template or --image: a sandbox needs to know what to run");
        }
        var sandbox = sandbox(name, arguments, session);
        var made = dryRun.equals("client") ? sandbox : post(sandbox, dryRun, session);
        if (arguments.has("--wait") && dryRun.equals("none")) {
            WaitOptions.await(name, limit, session);
        }
        session.output().line(shown(name, made, format, dryRun));
        return ExitCode.OK;
    }

    private static String shown(String name, Json made, String format, String dryRun) {
        return switch (format) {
            case "json" -> made.pretty();
            case "name" -> "sandbox.agenttier.io/" + name;
            default ->
                "sandbox.agenttier.io/%s created%s"
                        .formatted(
                                name,
                                switch (dryRun) {
                                    case "client" -> " (dry run)";
                                    case "server" -> " (server dry run)";
                                    default -> "";
                                });
        };
    }

    private static Json sandbox(String name, Arguments arguments, Session session) throws IOException {
        var spec = new LinkedHashMap<String, Object>();
        var template = arguments.text("--template");
        if (template.isPresent()) {
            var checked = Names.checked("template", template.get());
            var reference = new LinkedHashMap<String, Object>();
            reference.put("kind", TemplateLookup.kind(checked, session));
            reference.put("name", checked);
            spec.put("templateRef", reference);
        }
        arguments.text("--image").ifPresent(image -> spec.put("image", Map.of("repository", image)));
        arguments.text("--storage-size").ifPresent(size -> spec.put("storage", Map.of("size", size)));
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("name", name);
        metadata.put("namespace", session.namespace());
        var sandbox = new LinkedHashMap<String, Object>();
        sandbox.put("apiVersion", "agenttier.io/v1alpha1");
        sandbox.put("kind", "Sandbox");
        sandbox.put("metadata", metadata);
        sandbox.put("spec", spec);
        return JsonReader.parse(JsonWriter.compact(sandbox));
    }

    private static Json post(Json sandbox, String dryRun, Session session) throws IOException {
        var path = ApiPath.objects(session.namespace(), "sandboxes").query("fieldManager", "kubectl-sandbox");
        if (dryRun.equals("server")) {
            path = path.query("dryRun", "All");
        }
        var request = Request.of("POST", path.query("fieldValidation", "Strict").toString())
                .accept("application/json")
                .body("application/json", sandbox.toString().getBytes(StandardCharsets.UTF_8));
        try (var response = session.api().send(request)) {
            return JsonReader.parse(response.bytes(MAX_OBJECT));
        }
    }

    private static String oneOf(String option, String value, Set<String> allowed) throws UsageException {
        if (!allowed.contains(value)) {
            throw new UsageException("%s \"%s\" is invalid: expected one of %s"
                    .formatted(option, value, String.join(", ", new java.util.TreeSet<>(allowed))));
        }
        return value;
    }
}
