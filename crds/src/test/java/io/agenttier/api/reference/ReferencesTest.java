package io.agenttier.api.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Json;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.TemplateSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferencesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"image": {"pullSecret": "p"}}                                                        | SECRET p in spec.image.pullSecret
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}    | SECRET s in spec.env[A].valueFrom.secretKeyRef
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]} | CONFIG_MAP c in spec.env[A].valueFrom.configMapKeyRef
            {"serviceAccount": "a"}                                                               | SERVICE_ACCOUNT a in spec.serviceAccount
            {"credentials": [{"secretName": "s", "mountAs": "session"}]}                          | SECRET s in spec.credentials[s].secretName
            {"sidecars": [{"name": "x", "envFrom": [{"secretRef": {"name": "s"}}]}]}              | SECRET s in spec.sidecars[x].envFrom[s].secretRef
            {"sidecars": [{"name": "x", "envFrom": [{"configMapRef": {"name": "c"}}]}]}           | CONFIG_MAP c in spec.sidecars[x].envFrom[c].configMapRef
            {"sidecars": [{"name": "x", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}       | SECRET s in spec.sidecars[x].env[A].valueFrom.secretKeyRef
            {"initContainers": [{"name": "x", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]} | SECRET s in spec.initContainers[x].env[A].valueFrom.secretKeyRef
            {"harness": {"systemPrompt": {"secretRef": {"name": "s", "key": "k"}}}}               | SECRET s in spec.harness.systemPrompt.secretRef
            {"harness": {"systemPrompt": {"configMapRef": {"name": "c", "key": "k"}}}}            | CONFIG_MAP c in spec.harness.systemPrompt.configMapRef
            {"harness": {"skills": [{"name": "x", "content": {"secretRef": {"name": "s", "key": "k"}}}]}}                         | SECRET s in spec.harness.skills[x].content.secretRef
            {"harness": {"agent": {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}}}            | SECRET s in spec.harness.agent.env[A].valueFrom.secretKeyRef
            {"harness": {"agent": {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]}}}         | CONFIG_MAP c in spec.harness.agent.env[A].valueFrom.configMapKeyRef
            {"files": [{"path": "f", "secretRef": {"name": "s", "key": "k"}}]}                    | SECRET s in spec.files[f].secretRef
            {"files": [{"path": "f", "configMapRef": {"name": "c", "key": "k"}}]}                 | CONFIG_MAP c in spec.files[f].configMapRef
            {"network": {"egressRules": [{"serviceRef": {"name": "db"}}]}}                        | SERVICE db in spec.network.egressRules[db].serviceRef
            {"network": {"ingressRules": [{"serviceRef": {"name": "db"}}]}}                       | SERVICE db in spec.network.ingressRules[db].serviceRef
            {"cloneFromSnapshot": "v"}                                                            | VOLUME_SNAPSHOT v in spec.cloneFromSnapshot
            {"templateRef": {"name": "t", "namespace": "other"}}                                  | FOREIGN_TEMPLATE t in spec.templateRef
            """)
    void everyPlaceThatNamesAnObjectIsAReference(String spec, String expected) {
        assertThat(References.of(sandbox(spec), "team"))
                .map(ReferencesTest::text)
                .containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"templateRef": {"name": "t"}}
            {"templateRef": {"name": "t", "namespace": "team"}}
            {"templateRef": {"name": "t", "kind": "ClusterSandboxTemplate"}}
            {"image": {"repository": "r:1", "pullSecret": ""}, "serviceAccount": ""}
            {"env": [{"name": "A", "value": "v"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}
            {"files": [{"path": "f", "content": "text"}], "harness": {"systemPrompt": {"content": "text"}}}
            """)
    void whatNamesNothingForeignIsNone(String spec) {
        assertThat(References.of(sandbox(spec), "team")).isEmpty();
    }

    @Test
    void objectsAreThoseOfTheSandboxesNamespace() {
        var found = References.of(sandbox("{\"image\": {\"pullSecret\": \"p\"}}"), "team");
        assertThat(found)
                .extracting(reference -> reference.target().namespace())
                .containsExactly("team");
    }

    @Test
    void aServiceIsOfItsOwnNamespaceAndWiderPortsAreANewUse() {
        var one =
                "{\"network\": {\"egressRules\": [{\"serviceRef\": {\"name\": \"db\", \"namespace\": \"data\", \"port\": 1}}]}}";
        var all = "{\"network\": {\"egressRules\": [{\"serviceRef\": {\"name\": \"db\", \"namespace\": \"data\"}}]}}";
        assertThat(References.of(sandbox(one), "team"))
                .extracting(reference -> reference.target().namespace())
                .containsExactly("data");
        assertThat(appeared(one, all)).hasSize(1);
        assertThat(appeared(one, one)).isEmpty();
    }

    @Test
    void aTemplateNamesItsParentAndTheSameFields() {
        var spec = Json.decode(
                TemplateSpec.class,
                "{\"inheritsFrom\": {\"name\": \"t\", \"namespace\": \"other\"}, \"serviceAccount\": \"a\"}");
        assertThat(References.of(spec, "team"))
                .map(ReferencesTest::text)
                .containsExactlyInAnyOrder(
                        "FOREIGN_TEMPLATE t in spec.inheritsFrom", "SERVICE_ACCOUNT a in spec.serviceAccount");
    }

    @Test
    void whatIsUsedInAnotherWayHasAppearedAnew() {
        assertThat(appeared(env("A", "s", "k"), env("A", "s", "k"))).isEmpty();
        assertThat(appeared(env("A", "s", "k"), "{}")).as("gone").isEmpty();
        assertThat(appeared(env("A", "s", "k"), env("A", "s", "other")))
                .as("another key")
                .hasSize(1);
        assertThat(appeared(env("A", "s", "k"), env("B", "s", "k")))
                .as("another place")
                .hasSize(1);
        assertThat(appeared(
                        "{\"image\": {\"pullSecret\": \"s\"}}",
                        "{\"image\": {\"pullSecret\": \"s\"}, \"credentials\": [{\"secretName\": \"s\"}]}"))
                .containsExactly("SECRET s in spec.credentials[s].secretName");
    }

    @Test
    void orderOfAListMakesNothingAppear() {
        assertThat(appeared(
                        "{\"credentials\": [{\"secretName\": \"a\"}, {\"secretName\": \"b\"}]}",
                        "{\"credentials\": [{\"secretName\": \"b\"}, {\"secretName\": \"a\"}]}"))
                .isEmpty();
    }

    private static List<String> appeared(String before, String now) {
        return References.appeared(References.of(sandbox(before), "team"), References.of(sandbox(now), "team")).stream()
                .map(ReferencesTest::text)
                .toList();
    }

    private static String env(String variable, String secret, String key) {
        return "{\"env\": [{\"name\": \"%s\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"%s\", \"key\": \"%s\"}}}]}"
                .formatted(variable, secret, key);
    }

    private static String text(Reference reference) {
        return "%s %s in %s"
                .formatted(reference.target().kind(), reference.target().name(), reference.field());
    }

    private static SandboxSpec sandbox(String json) {
        return Json.decode(SandboxSpec.class, json);
    }
}
