package io.agenttier.cli.command;

import io.agenttier.api.Phase;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateOrigin;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.explain.Explanation;
import io.agenttier.api.explain.Trees;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.cli.json.JsonWriter;
import io.agenttier.cli.json.YamlWriter;
import io.agenttier.cli.output.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** {@code explain NAME}: what a sandbox asks for in the end, and where each value comes from. */
final class ExplainCommand implements Command {
    private static final Set<String> FORMATS = Set.of("table", "json", "yaml");
    private static final Map<String, TemplateKind> KINDS = Map.of(
            "sandboxtemplate", TemplateKind.NAMESPACED,
            "sbxt", TemplateKind.NAMESPACED,
            "clustersandboxtemplate", TemplateKind.CLUSTER,
            "csbxt", TemplateKind.CLUSTER);

    /** Longer values are cut in a table; the other formats have them whole. */
    private static final int WIDEST = 60;

    @Override
    public CommandSpec spec() {
        var spec = Options.spec(
                "explain",
                "Show what a sandbox asks for at its next start, its templates and all defaults merged, and where each value comes from.");
        spec.addPositional(
                Options.argument(
                        0,
                        "NAME",
                        "The sandbox; or template/NAME for one that says nothing but that template, or sandboxtemplate/NAME, clustersandboxtemplate/NAME."));
        spec.addOption(
                Options.value("table|yaml|json", "Format; yaml and json have long values whole.", "-o", "--output"));
        spec.addOption(Options.value(
                "NAMESPACE", "Namespace that AgentTier is installed in; agenttier if not given.", "--installation"));
        return spec;
    }

    /** @param kind, namespace, name of what is explained; {@code namespace} is empty for one of the cluster */
    private record Subject(String kind, String namespace, String name, SandboxSpec spec, TemplateChain templates) {
        String origin() {
            return "%s %s/%s".formatted(kind, namespace, name);
        }
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        var format = arguments.text("-o").orElse("table");
        if (!FORMATS.contains(format)) {
            throw new UsageException("-o \"%s\" is invalid: expected table, yaml or json".formatted(format));
        }
        var installation =
                Names.checked("namespace", arguments.text("--installation").orElse("agenttier"));
        var reads = new ClusterReads(session);
        var subject = subject(arguments.positional(0), reads, session);
        var explanation =
                Explanation.of(subject.spec(), subject.origin(), subject.templates(), reads.defaults(installation));
        session.output()
                .line(
                        switch (format) {
                            case "json" -> JsonWriter.pretty(document(subject, explanation));
                            case "yaml" -> YamlWriter.of(document(subject, explanation));
                            default -> table(explanation);
                        });
        return ExitCode.OK;
    }

    private static Subject subject(String text, ClusterReads reads, Session session) throws IOException {
        var slash = text.indexOf('/');
        if (slash < 0) {
            return sandbox(Names.checked("sandbox", text), reads, session);
        }
        var word = text.substring(0, slash);
        if (!word.equals("template") && !KINDS.containsKey(word)) {
            throw new UsageException(
                    "\"%s\" is invalid: expected the name of a sandbox, template/NAME, sandboxtemplate/NAME or clustersandboxtemplate/NAME"
                            .formatted(text));
        }
        var name = Names.checked("template", text.substring(slash + 1));
        var named = KINDS.get(word);
        var kind = named == null ? TemplateLookup.kind(name, session) : named.wire();
        var templates = reads.templates(new TemplateRef(name, kind, null), session.namespace());
        var first = templates.links().getFirst().name();
        return new Subject(kind, first.namespace(), name, SandboxSpec.EMPTY, templates);
    }

    private static Subject sandbox(String name, ClusterReads reads, Session session) throws IOException {
        var sandbox = Trees.record(Sandbox.class, reads.sandbox(name).object());
        var namespace = session.namespace();
        var templates = reads.templates(sandbox.spec().templateRef(), namespace);
        noteOtherVersions(sandbox, templates, session);
        return new Subject(Sandbox.KIND, namespace, name, sandbox.spec(), templates);
    }

    /** A pod that runs has what its templates said when it was started. */
    private static void noteOtherVersions(Sandbox sandbox, TemplateChain templates, Session session) {
        var status = sandbox.statusOrEmpty();
        if (!Phase.RUNNING.wire().equals(status.phase())
                || status.templateChain().equals(templates.origins())) {
            return;
        }
        session.output()
                .problem("note: templates have changed since the sandbox was started, which acts at its next start");
    }

    private static Map<String, Object> document(Subject subject, Explanation explanation) {
        var document = new LinkedHashMap<String, Object>();
        document.put("kind", subject.kind());
        if (!subject.namespace().isEmpty()) {
            document.put("namespace", subject.namespace());
        }
        document.put("name", subject.name());
        document.put(
                "templateChain",
                subject.templates().origins().stream()
                        .map((TemplateOrigin origin) -> Trees.of(origin))
                        .toList());
        document.put("spec", explanation.spec());
        var origins = new LinkedHashMap<String, Object>();
        explanation.values().forEach(value -> origins.put(value.field(), value.origin()));
        document.put("origins", origins);
        return document;
    }

    private static String table(Explanation explanation) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("FIELD", "VALUE", "ORIGIN"));
        for (var value : explanation.values()) {
            rows.add(List.of(value.field(), shown(value.value()), value.origin()));
        }
        return Table.of(rows);
    }

    private static String shown(Object value) {
        var text = value instanceof String plain ? plain : JsonWriter.compact(value);
        return text.length() <= WIDEST ? text : text.substring(0, WIDEST) + "…";
    }
}
