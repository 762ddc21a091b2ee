package io.agenttier.api;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A CustomResourceDefinition of this module, read from its YAML. */
record CrdFile(String plural, Class<?> type, Map<String, Object> definition) {
    static final CrdFile SANDBOX = read(Sandbox.PLURAL, Sandbox.class);
    static final CrdFile TEMPLATE = read(SandboxTemplate.PLURAL, SandboxTemplate.class);
    static final CrdFile CLUSTER_TEMPLATE = read(ClusterSandboxTemplate.PLURAL, ClusterSandboxTemplate.class);
    static final List<CrdFile> ALL = List.of(SANDBOX, TEMPLATE, CLUSTER_TEMPLATE);

    private static CrdFile read(String plural, Class<?> type) {
        var path = "/crds/agenttier.io_" + plural + ".yaml";
        try (var in = requireNonNull(CrdFile.class.getResourceAsStream(path), path)) {
            return new CrdFile(plural, type, map(new Load(LoadSettings.builder().build()).loadFromInputStream(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Object> version() {
        return map(list(map(definition.get("spec")).get("versions")).getFirst());
    }

    /** The schema of the object as a whole. */
    Map<String, Object> schema() {
        return map(map(version().get("schema")).get("openAPIV3Schema"));
    }

    /** The schema below {@code path}, a list of property names. */
    Map<String, Object> schema(String... path) {
        var schema = schema();
        for (var name : path) schema = map(properties(schema).get(name));
        return schema;
    }

    static Map<String, Object> properties(Map<String, Object> schema) {
        return schema.containsKey("properties") ? map(schema.get("properties")) : Map.of();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object yaml) {
        return (Map<String, Object>) requireNonNull(yaml);
    }

    private static List<?> list(@Nullable Object yaml) {
        return (List<?>) requireNonNull(yaml);
    }

    @Override
    public String toString() {
        return plural;
    }
}
