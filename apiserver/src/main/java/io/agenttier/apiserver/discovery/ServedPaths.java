package io.agenttier.apiserver.discovery;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Accept;
import io.agenttier.apiserver.route.Answer;
import io.agenttier.apiserver.route.Endpoint;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.route.Subresource;
import io.agenttier.apiserver.telemetry.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Everything that is served outside our group and version. */
public final class ServedPaths implements Endpoint.Directory {
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final String OPENAPI_KEY = "apis/" + ApiGroup.SUBRESOURCES_API_VERSION;

    private final Health health;
    private final Map<String, Endpoint> guarded;

    /** @param version of this program, for example {@code 0.1.0} */
    public ServedPaths(List<Subresource> subresources, Readiness readiness, Metrics metrics, String version) {
        this.health = new Health(readiness);
        var aggregated = Document.of(AGGREGATED, Groups.aggregated(subresources));
        var groups = Document.json(Groups.groups());
        var openApiV3 = Document.json(OpenApi.v3(subresources));
        this.guarded = Map.of(
                "/apis",
                (incoming, _) -> (wantsAggregated(incoming) ? aggregated : groups).answer(incoming),
                "/apis/" + ApiGroup.GROUP,
                always(Document.json(Groups.group())),
                "/apis/" + ApiGroup.SUBRESOURCES_API_VERSION,
                always(Document.json(Groups.resources(subresources))),
                "/openapi/v2",
                always(Document.json(OpenApi.v2(subresources))),
                "/openapi/v3",
                always(Document.json(openApiIndex(openApiV3))),
                "/openapi/v3/" + OPENAPI_KEY,
                (incoming, query) -> openApi(openApiV3, incoming, query),
                "/version",
                always(Document.json(version(version))),
                "/metrics",
                (_, _) -> metrics(metrics));
    }

    @Override
    public Optional<Endpoint> open(String path) {
        return health.find(path);
    }

    @Override
    public Optional<Endpoint> guarded(String path) {
        return Optional.ofNullable(guarded.get(path));
    }

    private static Endpoint always(Document document) {
        return (incoming, _) -> {
            requireJson(incoming);
            return document.answer(incoming);
        };
    }

    private static void requireJson(Incoming incoming) {
        if (Accept.choose(incoming.headers().getOrDefault("accept", List.of()), List.of("application/json"))
                .isEmpty()) {
            throw new ApiException(
                    new ApiError.NotAcceptable("only the following media types are accepted: application/json"));
        }
    }

    /** A stale hash gets the present document: a redirect, as the reference server sends it, would come out of kube-apiserver as 502. */
    private static Answer openApi(Document document, Incoming incoming, Map<String, List<String>> query) {
        requireJson(incoming);
        return query.getOrDefault("hash", List.of()).contains(document.hash())
                        && !incoming.headers().containsKey("if-none-match")
                ? document.immutable()
                : document.answer(incoming);
    }

    /** Our version only: kube-apiserver merges by key, and a foreign key would hide the schema of the CRDs. */
    private static Object openApiIndex(Document document) {
        var url = "/openapi/v3/" + OPENAPI_KEY + "?hash=" + document.hash();
        return Map.of("paths", Map.of(OPENAPI_KEY, Map.of("serverRelativeURL", url)));
    }

    private static boolean wantsAggregated(Incoming incoming) {
        for (var line : incoming.headers().getOrDefault("accept", List.of())) {
            for (var range : line.split(",", -1)) {
                var parts =
                        List.of(range.toLowerCase(Locale.ROOT).replace(" ", "").split(";", -1));
                if (parts.contains("application/json")
                        && parts.contains("g=apidiscovery.k8s.io")
                        && parts.contains("v=v2")
                        && parts.contains("as=apigroupdiscoverylist")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Object version(String version) {
        var parts = version.split("[.-]", 3);
        return Schemas.properties(
                "major",
                parts[0],
                "minor",
                parts.length > 1 ? parts[1] : "",
                "gitVersion",
                "v" + version,
                "compiler",
                "java",
                "platform",
                "linux/" + System.getProperty("os.arch", ""));
    }

    private static Answer metrics(Metrics metrics) {
        return new Answer(
                200,
                Map.of("Content-Type", Metrics.contentType()),
                metrics.text().getBytes(StandardCharsets.UTF_8));
    }
}
