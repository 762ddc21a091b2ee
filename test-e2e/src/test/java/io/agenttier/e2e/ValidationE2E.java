package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** kube-apiserver itself refuses what no sandbox can be, and says why; the cases lie in {@code validation-cases.yaml}. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class ValidationE2E {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<JsonNode> cases() throws IOException {
        try (var file = ValidationE2E.class.getResourceAsStream("/validation-cases.yaml")) {
            return StreamSupport.stream(new YAMLMapper().readTree(file).spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void judges(JsonNode expected, TestNamespace namespace) {
        var reply =
                expected.has("from") ? replace(expected, namespace) : create(expected, expected.get("spec"), namespace);
        if (!expected.has("refused")) {
            assertThat(reply.code()).as(reply.text()).isIn(200, 201);
            return;
        }
        assertThat(reply.code()).as(reply.text()).isIn(400, 422);
        assertThat(reply.json().get("message").asText())
                .contains(expected.get("refused").asText());
    }

    @Test
    void refusesAnUnknownFieldByName(TestNamespace namespace) {
        var outcome = namespace
                .kubectl()
                .with(
                        "apiVersion: agenttier.io/v1alpha1\nkind: Sandbox\nmetadata: {name: refused}\nspec: {image: {repository: x}, imag: y}")
                .run("create", "-f", "-");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.stderr()).contains("spec.imag");
    }

    private static KubeApi.Reply create(JsonNode expected, JsonNode spec, TestNamespace namespace) {
        var kind = expected.path("kind").asText("Sandbox");
        return namespace
                .api()
                .post(collection(kind, namespace) + "?dryRun=All&fieldValidation=Strict", object(expected, spec));
    }

    /** Creates {@code from} stopped by name of a fresh object, and replaces its spec on trial. */
    private static KubeApi.Reply replace(JsonNode expected, TestNamespace namespace) {
        var path = collection("Sandbox", namespace);
        var before = object(expected, expected.get("from"));
        var name = namespace.freshName();
        ((ObjectNode) before.get("metadata")).put("name", name);
        ((ObjectNode) before.get("spec")).put("powerState", "Stopped");
        var created = namespace.api().post(path, before);
        assertThat(created.code()).as(created.text()).isEqualTo(201);
        var after = object(expected, expected.get("spec"));
        ((ObjectNode) after.get("metadata")).put("name", name);
        ((ObjectNode) after.get("metadata"))
                .put(
                        "resourceVersion",
                        namespace.sandbox(name).at("/metadata/resourceVersion").asText());
        ((ObjectNode) after.get("spec")).put("powerState", "Stopped");
        var reply = namespace
                .api()
                .call("PUT", path + "/" + name + "?dryRun=All", KubeApi.bytes(after), "application/json");
        // the controller may have written status in between: a conflict says nothing about the rule
        return reply.code() == 409 ? replace(expected, namespace) : reply;
    }

    private static ObjectNode object(JsonNode expected, JsonNode spec) {
        var object = JSON.createObjectNode();
        object.put("apiVersion", "agenttier.io/v1alpha1")
                .put("kind", expected.path("kind").asText("Sandbox"));
        object.putObject("metadata").put("name", expected.path("name").asText("a"));
        object.set("spec", Objects.requireNonNull(spec).deepCopy());
        return object;
    }

    private static String collection(String kind, TestNamespace namespace) {
        var plural = kind.equals("Sandbox") ? "sandboxes" : kind.toLowerCase(Locale.ROOT) + "s";
        var scope = kind.startsWith("Cluster") ? "" : "namespaces/" + namespace.name() + "/";
        return "/apis/agenttier.io/v1alpha1/" + scope + plural;
    }
}
