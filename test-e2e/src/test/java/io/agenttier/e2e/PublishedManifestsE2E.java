package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Manifests that people have from published pages apply as they are, images aside, and run. */
@Tag("e2e")
@Timeout(240)
@ExtendWith(ClusterExtension.class)
class PublishedManifestsE2E {
    private static final String IMAGE = "localhost/agenttier/sandbox-minimal:dev";

    @Test
    void sandboxOfABuiltInTemplateRuns(TestNamespace namespace) throws IOException {
        apply(namespace, published("my-sandbox") + "  image: {repository: \"" + IMAGE + "\"}\n");
        namespace.awaitReady("my-sandbox");
        assertThat(namespace.sandbox("my-sandbox").at("/status/phase").asText()).isEqualTo("Running");
        assertThat(namespace
                        .sandbox("my-sandbox")
                        .at("/status/resolvedTemplate")
                        .asText())
                .isEqualTo("general-coding");
        delete(namespace, "my-sandbox");
    }

    @Test
    void templateWithToolsHooksAndTimeoutsRuns(TestNamespace namespace) throws IOException {
        var template = published("claude-code-bedrock")
                .replace("ghcr.io/agenttier/sandbox-claude-code:latest", "\"" + IMAGE + "\"");
        assertThat(template).contains(IMAGE);
        apply(namespace, template);
        try {
            apply(namespace, """
                    apiVersion: agenttier.io/v1alpha1
                    kind: Sandbox
                    metadata: {name: coder}
                    spec: {templateRef: {kind: ClusterSandboxTemplate, name: claude-code-bedrock}}
                    """);
            namespace.awaitReady("coder");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(namespace
                                    .sandbox("coder")
                                    .at("/status/harness/hooks/0/outcome")
                                    .asText())
                            .isEqualTo("Succeeded"));
            assertThat(namespace.sandbox("coder").at("/status/message").asText())
                    .as("its tool is not in the other image")
                    .contains("tool claude is not there");
            assertThat(Exec.json(namespace, "coder", "true").get("exitCode").asInt())
                    .isZero();
            delete(namespace, "coder");
        } finally {
            namespace.kubectl().run("delete", "clustersandboxtemplate", "claude-code-bedrock", "--ignore-not-found");
        }
    }

    private static String published(String name) throws IOException {
        var resource = "/published/" + name + ".yaml";
        try (var in = Objects.requireNonNull(PublishedManifestsE2E.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void apply(TestNamespace namespace, String manifest) {
        namespace.kubectl().with(manifest).run("apply", "-f", "-").orThrow();
    }

    private static void delete(TestNamespace namespace, String sandbox) {
        namespace.kubectl().run("delete", "sandbox", sandbox, "--timeout=60s").orThrow();
    }
}
