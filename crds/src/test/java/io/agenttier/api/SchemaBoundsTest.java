package io.agenttier.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Rules for every schema: bounds from the first version on, texts for {@code kubectl explain}, no default that would hide a template. */
class SchemaBoundsTest {
    static final List<CrdFile> CRDS = CrdFile.ALL;

    @ParameterizedTest
    @FieldSource("CRDS")
    void everyStringListAndMapHasABound(CrdFile crd) {
        assertThat(collect(crd, (schema, missing) -> {
                    if ("string".equals(schema.get("type")) || isIntOrString(schema)) missing.add("maxLength");
                    if ("array".equals(schema.get("type")))
                        missing.addAll(List.of("maxItems", "x-kubernetes-list-type"));
                    if (schema.containsKey("additionalProperties")) missing.add("maxProperties");
                    missing.removeIf(schema::containsKey);
                }))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("CRDS")
    void everyIntegerHasAFormat(CrdFile crd) {
        assertThat(collect(crd, (schema, missing) -> {
                    if ("integer".equals(schema.get("type")) && !schema.containsKey("format")) missing.add("format");
                }))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("CRDS")
    void everyPropertyIsDescribedInASentence(CrdFile crd) {
        var bad = new ArrayList<String>();
        walk(
                crd.plural(),
                crd.schema(),
                (path, schema) -> CrdFile.properties(schema).forEach((name, property) -> {
                    var text = CrdFile.map(property).get("description");
                    var fine = text instanceof String sentence && sentence.endsWith(".") && sentence.length() > 4;
                    if (!fine && !name.equals("metadata")) bad.add(path + "." + name);
                }));
        assertThat(bad).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("CRDS")
    void everyRuleSaysInWordsWhatItWants(CrdFile crd) {
        assertThat(collect(crd, (schema, missing) -> {
                    if (!(schema.get("x-kubernetes-validations") instanceof List<?> rules)) return;
                    for (var rule : rules) {
                        if (!CrdFile.map(rule).containsKey("message")) missing.add("message of " + rule);
                    }
                }))
                .isEmpty();
    }

    @Test
    void noFieldThatTakesPartInTheMergeHasADefault() {
        var top = new ArrayList<String>();
        walk("spec", CrdFile.SANDBOX.schema("spec"), (path, schema) -> {
            if (schema.containsKey("default") && !path.contains("[]")) top.add(path);
        });
        assertThat(top).containsExactlyInAnyOrder("spec.templateRef.kind", "spec.shutdownPolicy");
    }

    @Test
    void listsWithANaturalKeyMergeByIt() {
        var keys = new ArrayList<String>();
        walk("", CrdFile.SANDBOX.schema(), (path, schema) -> {
            if (schema.get("x-kubernetes-list-map-keys") instanceof List<?> names) keys.add(path + " " + names);
        });
        assertThat(keys)
                .contains(
                        ".spec.env [name]",
                        ".spec.files [path]",
                        ".spec.ports [port]",
                        ".spec.sidecars [name]",
                        ".spec.initContainers [name]",
                        ".spec.harness.tools [name]",
                        ".spec.harness.skills [name]",
                        ".spec.sharing.users [identity]",
                        ".spec.sharing.groups [identity]",
                        ".spec.sharing.shareLinks [id]",
                        ".status.conditions [type]",
                        ".status.forwardedPorts [port]",
                        ".status.shareLinks [id]");
    }

    @Test
    void templatesDifferOnlyWhereTheSpecificationSaysSo() {
        var namespaced = CrdFile.properties(CrdFile.TEMPLATE.schema("spec"));
        var cluster = CrdFile.properties(CrdFile.CLUSTER_TEMPLATE.schema("spec"));
        assertThat(namespaced.keySet()).isEqualTo(cluster.keySet());
        namespaced.forEach((name, schema) -> {
            if (!name.equals("inheritsFrom") && !name.equals("security"))
                assertThat(cluster.get(name)).as(name).isEqualTo(schema);
        });
    }

    @Test
    void onlyAClusterTemplateCanBePrivileged() {
        var rule = "x-kubernetes-validations";
        for (var file : List.of(CrdFile.SANDBOX, CrdFile.TEMPLATE)) {
            assertThat(file.schema("spec", "security", "privileged").get(rule))
                    .asString()
                    .contains("rule=!self", "only a ClusterSandboxTemplate may be privileged");
        }
        assertThat(CrdFile.CLUSTER_TEMPLATE.schema("spec", "security", "privileged"))
                .doesNotContainKey(rule);
    }

    @Test
    void aSandboxDescribesTheFieldsOfATemplateInTheSameWay() {
        var sandbox = CrdFile.properties(CrdFile.SANDBOX.schema("spec"));
        CrdFile.properties(CrdFile.TEMPLATE.schema("spec")).forEach((name, schema) -> {
            if (sandbox.containsKey(name))
                assertThat(sandbox.get(name)).as(name).isEqualTo(schema);
        });
        assertThat(sandbox).doesNotContainKeys("initScripts", "inheritsFrom", "description");
    }

    private static List<String> collect(CrdFile crd, BiConsumer<Map<String, Object>, List<String>> rule) {
        var bad = new ArrayList<String>();
        walk(crd.plural(), crd.schema(), (path, schema) -> {
            var missing = new ArrayList<String>();
            rule.accept(schema, missing);
            missing.forEach(what -> bad.add(path + ": no " + what));
        });
        return bad;
    }

    private static boolean isIntOrString(Map<String, Object> schema) {
        return Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"));
    }

    private static void walk(String path, Map<String, Object> schema, BiConsumer<String, Map<String, Object>> visit) {
        visit.accept(path, schema);
        CrdFile.properties(schema).forEach((name, property) -> walk(path + "." + name, CrdFile.map(property), visit));
        if (schema.get("items") instanceof Map<?, ?> items) walk(path + "[]", CrdFile.map(items), visit);
        if (schema.get("additionalProperties") instanceof Map<?, ?> values)
            walk(path + "{}", CrdFile.map(values), visit);
    }
}
