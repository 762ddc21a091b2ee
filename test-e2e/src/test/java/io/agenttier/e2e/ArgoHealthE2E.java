package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The health checks for Argo CD, run by its Lua interpreter on real objects in each state. */
@Tag("e2e")
@Timeout(180)
@ExtendWith(ClusterExtension.class)
class ArgoHealthE2E {
    private static final Path CONFIG = Path.of("deploy/argocd/argocd-cm.yaml");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path scripts;

    private record Health(String status, String message) {}

    @Test
    void sandboxThatServesIsHealthyUntilItsSpecChanges(TestNamespace namespace) throws IOException {
        var sandbox = namespace.ready();
        var serving = namespace.sandbox(sandbox);
        assertThat(health(serving)).isEqualTo(new Health("Healthy", "the sandbox is ready"));

        ObjectNode changed = serving.deepCopy();
        var metadata = (ObjectNode) changed.get("metadata");
        metadata.put("generation", metadata.get("generation").asLong() + 1);
        assertThat(health(changed).status()).isEqualTo("Progressing");
        changed.remove("status");
        assertThat(health(changed).status()).isEqualTo("Progressing");
    }

    @Test
    void stoppedSandboxIsSuspendedWhoeverStoppedIt(TestNamespace namespace) {
        var byManifest = namespace.apply("test-busybox", "powerState: Stopped");
        awaitHealth(namespace, byManifest, "Suspended", "");
        var byCall = namespace.ready();
        namespace.api().post(namespace.path(byCall, "stop"), Map.of());
        awaitHealth(namespace, byCall, "Suspended", "stopped by");
        namespace.api().post(namespace.path(byCall, "resume"), Map.of());
        awaitHealth(namespace, byCall, "Healthy", "");
        var idle = namespace.apply("test-busybox", "idleTimeout: 8s");
        awaitHealth(namespace, idle, "Suspended", "nobody used it");
    }

    @Test
    void whatOnlyPeopleCanMendIsDegradedAtOnce(TestNamespace namespace) {
        awaitHealth(namespace, namespace.apply("no-such-image"), "Degraded", "ImagePullFailed");
        awaitHealth(
                namespace,
                namespace.apply("test-busybox", "templateRef: {kind: SandboxTemplate, name: missing}"),
                "Degraded",
                "TemplateNotFound");
        awaitHealth(
                namespace,
                namespace.apply("test-busybox", "runtimeClass: no-such-class"),
                "Degraded",
                "RuntimeClassMissing");
        awaitHealth(
                namespace,
                namespace.apply("test-busybox", "harness: {command: [sh, -c, \"exit 3\"]}"),
                "Degraded",
                "exited with code 3");
    }

    @Test
    void whatWaitsForANodeOrForItsEndIsProgressing(TestNamespace namespace) {
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: Sandbox
                        metadata: {name: large}
                        spec:
                          image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                          resources: {requests: {cpu: "900"}, limits: {cpu: "900"}}
                          storage: {ephemeral: true}
                        """).run("apply", "-f", "-").orThrow();
        awaitHealth(namespace, "large", "Progressing", "Insufficient cpu");

        var held = namespace.ready();
        var kubectl = namespace.kubectl();
        kubectl.run("patch", "sandbox", held, "--type=merge", "-p", finalizers("[\"test.example/hold\"]"))
                .orThrow();
        kubectl.run("delete", "sandbox", held, "--wait=false").orThrow();
        awaitHealth(namespace, held, "Progressing", "being deleted");
        kubectl.run("patch", "sandbox", held, "--type=merge", "-p", finalizers("null"))
                .orThrow();
    }

    @Test
    void templateIsHealthy(TestNamespace namespace) throws IOException {
        namespace.kubectl().with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: SandboxTemplate
                        metadata: {name: plain}
                        spec: {image: {repository: "localhost/agenttier/test-busybox:dev"}}
                        """).run("apply", "-f", "-").orThrow();
        assertThat(health(namespace
                                .api()
                                .get("/apis/agenttier.io/v1alpha1/namespaces/%s/sandboxtemplates/plain"
                                        .formatted(namespace.name()))
                                .json())
                        .status())
                .isEqualTo("Healthy");
        assertThat(health(namespace
                                .api()
                                .get("/apis/agenttier.io/v1alpha1/clustersandboxtemplates/minimal-shell")
                                .json())
                        .status())
                .isEqualTo("Healthy");
    }

    private static String finalizers(String value) {
        return "{\"metadata\":{\"finalizers\":" + value + "}}";
    }

    private static void awaitHealth(TestNamespace namespace, String sandbox, String status, String message) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> {
                    var object = namespace.sandbox(sandbox);
                    var health = health(object);
                    assertThat(health.status()).as(object.toPrettyString()).isEqualTo(status);
                    assertThat(health.message()).contains(message);
                });
    }

    private static Health health(JsonNode object) throws IOException {
        var kind = object.get("kind").asText();
        var script = scripts.resolve(kind + ".lua");
        if (!Files.exists(script)) {
            var key = "resource.customizations.health.agenttier.io_" + kind;
            var lua = new YAMLMapper().readTree(CONFIG.toFile()).get("data").get(key);
            Files.writeString(script, lua.asText());
        }
        return JSON.readValue(ForeignClients.argoHealth(script, object.toString()), Health.class);
    }
}
