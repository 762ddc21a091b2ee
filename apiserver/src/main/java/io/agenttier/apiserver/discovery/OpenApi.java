package io.agenttier.apiserver.discovery;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.route.Subresource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** OpenAPI documents of our group and version, v3 and v2, from the same descriptions. */
final class OpenApi {
    private static final String SCHEMA_PREFIX = "io.agenttier.subresources-v1alpha1.";
    private static final Map<String, Object> INFO =
            Schemas.properties("title", "AgentTier", "version", ApiGroup.SUBRESOURCES_VERSION);

    private OpenApi() {}

    static Map<String, Object> v3(List<Subresource> subresources) {
        var paths = new LinkedHashMap<String, Map<String, Object>>();
        var kinds = kinds(subresources);
        for (var operation : Operations.of(subresources)) {
            for (var below : operation.below()) {
                var content = common(operation, below, kinds.getOrDefault(operation.subresource(), ""));
                content.put("parameters", parametersV3(operation, below));
                if (!operation.request().isEmpty()) {
                    content.put(
                            "requestBody",
                            Schemas.properties("required", true, "content", content(operation.request())));
                }
                content.put("responses", responsesV3(operation));
                path(paths, operation, below).put(operation.method().toLowerCase(Locale.ROOT), content);
            }
        }
        return Schemas.properties(
                "openapi", "3.0.0", "info", INFO, "paths", paths, "components", Map.of("schemas", schemas()));
    }

    static Map<String, Object> v2(List<Subresource> subresources) {
        var paths = new LinkedHashMap<String, Map<String, Object>>();
        var kinds = kinds(subresources);
        for (var operation : Operations.of(subresources)) {
            for (var below : operation.below()) {
                var content = common(operation, below, kinds.getOrDefault(operation.subresource(), ""));
                if (!operation.request().isEmpty()) {
                    content.put("consumes", List.copyOf(new TreeMap<>(operation.request()).keySet()));
                }
                content.put("produces", produces(operation));
                content.put("parameters", parametersV2(operation, below));
                content.put("responses", responsesV2(operation));
                path(paths, operation, below).put(operation.method().toLowerCase(Locale.ROOT), content);
            }
        }
        return Schemas.properties("swagger", "2.0", "info", INFO, "paths", paths, "definitions", schemas());
    }

    private static Map<String, String> kinds(List<Subresource> subresources) {
        return subresources.stream().collect(Collectors.toMap(Subresource::name, Subresource::kind));
    }

    private static Map<String, Object> path(
            Map<String, Map<String, Object>> paths, Operation operation, List<String> below) {
        var path = "/apis/%s/namespaces/{namespace}/sandboxes/{name}/%s"
                .formatted(ApiGroup.SUBRESOURCES_API_VERSION, operation.subresource());
        var deeper = below.stream().map("/{%s}"::formatted).collect(Collectors.joining());
        return paths.computeIfAbsent(path + deeper, _ -> new LinkedHashMap<>());
    }

    private static List<String> pathParameters(List<String> below) {
        return Stream.concat(Stream.of("name", "namespace"), below.stream()).toList();
    }

    private static Map<String, Object> common(Operation operation, List<String> below, String kind) {
        return Schemas.properties(
                "tags", List.of("agenttierIo_subresources-v1alpha1"),
                "description", operation.description(),
                "operationId",
                        operation.method().toLowerCase(Locale.ROOT)
                                + "AgenttierIoSubresourcesV1alpha1NamespacedSandbox"
                                + operation.subresource().substring(0, 1).toUpperCase(Locale.ROOT)
                                + operation.subresource().substring(1)
                                + (below.contains("path") ? "WithPath" : ""),
                "x-kubernetes-action", operation.method().equals("POST") ? "post" : "connect",
                "x-kubernetes-group-version-kind", kind(kind));
    }

    private static List<Object> parametersV3(Operation operation, List<String> below) {
        var parameters = new ArrayList<Object>();
        for (var name : pathParameters(below)) {
            parameters.add(Schemas.properties(
                    "name", name, "in", "path", "required", true, "schema", Map.of("type", "string")));
        }
        for (var parameter : operation.parameters()) {
            parameters.add(Schemas.properties(
                    "name", parameter.name(),
                    "in", "query",
                    "description", parameter.description(),
                    "required", parameter.required(),
                    "schema", new TreeMap<>(parameter.schema())));
        }
        return parameters;
    }

    private static List<Object> parametersV2(Operation operation, List<String> below) {
        var parameters = new ArrayList<Object>();
        for (var name : pathParameters(below)) {
            parameters.add(Schemas.properties("name", name, "in", "path", "required", true, "type", "string"));
        }
        for (var parameter : operation.parameters()) {
            var described = Schemas.properties(
                    "name", parameter.name(),
                    "in", "query",
                    "description", parameter.description(),
                    "required", parameter.required());
            described.putAll(new TreeMap<>(parameter.schema()));
            if ("array".equals(parameter.schema().get("type"))) {
                described.put("collectionFormat", "multi");
            }
            parameters.add(described);
        }
        operation.request().values().stream()
                .findFirst()
                .ifPresent(kind -> parameters.add(Schemas.properties(
                        "name", "body", "in", "body", "required", true, "schema", reference(kind, "#/definitions/"))));
        return parameters;
    }

    private static Map<String, Object> responsesV3(Operation operation) {
        var responses = new TreeMap<String, Object>();
        operation.answers().forEach((status, reply) -> {
            var response = Schemas.properties("description", reply.description());
            if (!reply.content().isEmpty()) {
                response.put("content", content(reply.content()));
            }
            responses.put(Integer.toString(status), response);
        });
        responses.put(
                "default",
                Schemas.properties(
                        "description",
                        "Why the call failed.",
                        "content",
                        content(Map.of("application/json", "Status"))));
        return responses;
    }

    private static Map<String, Object> responsesV2(Operation operation) {
        var responses = new TreeMap<String, Object>();
        operation.answers().forEach((status, reply) -> {
            var response = Schemas.properties("description", reply.description());
            var kind = reply.content().getOrDefault("application/json", Operation.BYTES);
            if (!reply.content().isEmpty()) {
                response.put(
                        "schema",
                        kind.equals(Operation.BYTES) ? Map.of("type", "file") : reference(kind, "#/definitions/"));
            }
            responses.put(Integer.toString(status), response);
        });
        responses.put(
                "default",
                Schemas.properties(
                        "description", "Why the call failed.", "schema", reference("Status", "#/definitions/")));
        return responses;
    }

    private static List<String> produces(Operation operation) {
        var types = new TreeSet<String>();
        types.add("application/json");
        operation
                .answers()
                .values()
                .forEach(reply -> types.addAll(reply.content().keySet()));
        return List.copyOf(types);
    }

    private static Map<String, Object> content(Map<String, String> kinds) {
        var content = new TreeMap<String, Object>();
        kinds.forEach((media, kind) -> content.put(media, Map.of("schema", reference(kind, "#/components/schemas/"))));
        return content;
    }

    private static Map<String, Object> reference(String kind, String where) {
        return kind.equals(Operation.BYTES)
                ? new TreeMap<>(Map.of("type", "string", "format", "binary"))
                : Map.of("$ref", where + SCHEMA_PREFIX + kind);
    }

    private static Map<String, Object> schemas() {
        var schemas = new LinkedHashMap<String, Object>();
        Kinds.all().forEach((kind, schema) -> schemas.put(SCHEMA_PREFIX + kind, withKind(schema, kind)));
        schemas.put(SCHEMA_PREFIX + "Status", Kinds.status());
        return schemas;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> withKind(Object schema, String kind) {
        return Schemas.with((Map<String, Object>) schema, "x-kubernetes-group-version-kind", List.of(kind(kind)));
    }

    private static Map<String, Object> kind(String kind) {
        return Schemas.properties("group", ApiGroup.GROUP, "version", ApiGroup.SUBRESOURCES_VERSION, "kind", kind);
    }
}
