package io.agenttier.cli.command;

import io.agenttier.api.TemplateKind;
import io.agenttier.api.TemplateRef;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.explain.Trees;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.transport.ApiException;
import io.agenttier.cli.transport.ApiPath;
import io.agenttier.cli.transport.Request;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what an effective spec is made of, by the rights of the user. */
final class ClusterReads {
    private static final int MAX_OBJECT = 8 * 1024 * 1024;
    private static final String DEFAULTS = "agenttier-defaults";

    private final Session session;

    ClusterReads(Session session) {
        this.session = session;
    }

    Json sandbox(String name) throws IOException {
        return get(ApiPath.object(session.namespace(), "sandboxes", name));
    }

    /**
     * The templates that {@code first} leads to.
     *
     * @throws FailedException if the user may not read one of them, or no sandbox starts from them
     */
    TemplateChain templates(@Nullable TemplateRef first, String home) throws IOException {
        var chain = TemplateChain.follow(first, home, this::template);
        var problem = chain.problem();
        if (problem.isPresent()) {
            throw new FailedException(
                    problem.get().reason() + ": " + problem.get().message());
        }
        return chain;
    }

    /**
     * The defaults of the cluster in the shape of a template. Without them the built-in ones are shown, and the user is told so.
     *
     * @param installation namespace of AgentTier
     */
    TemplateSpec defaults(String installation) throws IOException {
        try {
            var published = get(ApiPath.configMap(installation, DEFAULTS))
                    .at("data", "defaults.json")
                    .text()
                    .orElse("{}");
            return Trees.record(TemplateSpec.class, JsonReader.parse(published).object());
        } catch (ApiException e) {
            session.output()
                    .problem(
                            "warning: the defaults of the cluster are not known, built-in ones are shown: ConfigMap \"%s/%s\": %s; --installation names the namespace of AgentTier"
                                    .formatted(
                                            installation, DEFAULTS, e.failure().sentence()));
            return TemplateSpec.EMPTY;
        }
    }

    private Optional<TemplateChain.Link> template(TemplateName name) throws IOException {
        var path = name.kind() == TemplateKind.CLUSTER
                ? ApiPath.clusterObject(name.kind().plural(), name.name())
                : ApiPath.object(name.namespace(), name.kind().plural(), name.name());
        try {
            var found = get(path);
            return Optional.of(new TemplateChain.Link(
                    name,
                    Trees.record(TemplateSpec.class, found.at("spec").object()),
                    found.at("metadata", "resourceVersion").textOrEmpty()));
        } catch (ApiException e) {
            if (e.failure().code() == 404 && e.failure().isStatus()) {
                return Optional.empty();
            }
            if (e.failure().code() == 403) {
                throw new FailedException("%s is part of the answer, and you may not read it: %s"
                        .formatted(name.text(), e.failure().sentence()));
            }
            throw e;
        }
    }

    private Json get(ApiPath path) throws IOException {
        try (var response =
                session.api().send(Request.of("GET", path.toString()).accept("application/json"))) {
            return JsonReader.parse(response.bytes(MAX_OBJECT));
        }
    }
}
