package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Templates that inherit from each other. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class TemplatesE2E {
    private static final String TEMPLATE = """
            apiVersion: agenttier.io/v1alpha1
            kind: SandboxTemplate
            metadata: {name: %s}
            spec: {%s}
            """;
    private static final String FAMILY = """
            apiVersion: agenttier.io/v1alpha1
            kind: ClusterSandboxTemplate
            metadata: {name: %1$s}
            spec:
              image: {repository: "localhost/agenttier/test-busybox:dev"}
              resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
              env: [{name: WHO, value: cluster}, {name: FAR, value: "%2$s"}]
            ---
            apiVersion: agenttier.io/v1alpha1
            kind: SandboxTemplate
            metadata: {name: middle}
            spec:
              inheritsFrom: {kind: ClusterSandboxTemplate, name: %1$s}
              env: [{name: WHO, value: middle}]
              files: [{path: from-middle, content: hello}]
            ---
            apiVersion: agenttier.io/v1alpha1
            kind: SandboxTemplate
            metadata: {name: leaf}
            spec:
              inheritsFrom: {name: middle}
              env: [{name: NEAR, value: leaf}]
            """;

    @Test
    void aChainGivesEachLeafFromTheNearestAndReachesARunningSandboxAtItsResume(TestNamespace namespace) {
        var base = namespace.name() + "-base";
        apply(namespace, FAMILY.formatted(base, "old"));
        try {
            var sandbox = sandbox(namespace, "leaf");
            namespace.awaitReady(sandbox);
            assertThat(says(namespace, sandbox)).isEqualTo("middle leaf old hello");
            var status = namespace.sandbox(sandbox).get("status");
            assertThat(status.get("resolvedTemplate").asText()).isEqualTo("leaf");
            assertThat(chain(status)).containsExactly("leaf", "middle", base);
            assertThat(status.at("/templateChain/2/kind").asText()).isEqualTo("ClusterSandboxTemplate");
            assertThat(status.at("/templateChain/0/resourceVersion").asText())
                    .isEqualTo(status.get("templateResourceVersion").asText());

            apply(namespace, FAMILY.formatted(base, "new"));
            awaitMessage(namespace, sandbox, "Ready", "changes of env, the template act at its next start");
            assertThat(says(namespace, sandbox)).isEqualTo("middle leaf old hello");
            assertThat(namespace.sandbox(sandbox).get("status").get("templateChain"))
                    .isEqualTo(status.get("templateChain"));

            var inUse = namespace.kubectl().run("delete", "clustersandboxtemplate", base);
            assertThat(inUse.code()).isEqualTo(1);
            assertThat(inUse.stderr())
                    .contains("ClusterSandboxTemplate \"%s\" is in use by %s/%s"
                            .formatted(base, namespace.name(), sandbox));
            assertThat(namespace
                            .kubectl()
                            .run("delete", "sandboxtemplate", "middle")
                            .stderr())
                    .contains("SandboxTemplate \"middle\" is in use by");

            namespace.kubectl().sandbox("stop", sandbox).orThrow();
            namespace.awaitPhase(sandbox, "Stopped");
            namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
            assertThat(says(namespace, sandbox)).isEqualTo("middle leaf new hello");
            var resumed = namespace.sandbox(sandbox).get("status");
            assertThat(resumed.at("/templateChain/2/resourceVersion"))
                    .isNotEqualTo(status.at("/templateChain/2/resourceVersion"));
            namespace.kubectl().run("delete", "sandbox", sandbox).orThrow();
        } finally {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> namespace
                                    .kubectl()
                                    .run("delete", "clustersandboxtemplate", base, "--ignore-not-found")
                                    .code()
                            == 0);
        }
    }

    @Test
    void aMissingParentIsNamedAndTheSandboxStartsOnceItIsThere(TestNamespace namespace) {
        apply(namespace, TEMPLATE.formatted("orphan", "inheritsFrom: {name: parent}"));
        var sandbox = sandbox(namespace, "orphan");
        var path = "SandboxTemplate \"%1$s/orphan\" -> SandboxTemplate \"%1$s/parent\" does not exist"
                .formatted(namespace.name());
        awaitMessage(namespace, sandbox, "TemplateResolved", path);
        assertThat(condition(namespace, sandbox, "TemplateResolved")
                        .get("reason")
                        .asText())
                .isEqualTo("TemplateNotFound");
        apply(namespace, TEMPLATE.formatted("parent", small()));
        namespace.awaitReady(sandbox);
        assertThat(condition(namespace, sandbox, "TemplateResolved")
                        .get("status")
                        .asText())
                .isEqualTo("True");
    }

    @Test
    void aCycleIsShownAndTheSandboxStartsOnceItIsBroken(TestNamespace namespace) {
        apply(namespace, TEMPLATE.formatted("hen", "inheritsFrom: {name: egg}"));
        apply(namespace, TEMPLATE.formatted("egg", "inheritsFrom: {name: hen}"));
        var sandbox = sandbox(namespace, "hen");
        awaitMessage(
                namespace,
                sandbox,
                "TemplateResolved",
                "SandboxTemplate \"%1$s/hen\" -> SandboxTemplate \"%1$s/egg\" -> SandboxTemplate \"%1$s/hen\" is a cycle"
                        .formatted(namespace.name()));
        assertThat(condition(namespace, sandbox, "TemplateResolved")
                        .get("reason")
                        .asText())
                .isEqualTo("CycleDetected");
        namespace
                .kubectl()
                .with(TEMPLATE.formatted("egg", small()))
                .run("replace", "-f", "-")
                .orThrow();
        namespace.awaitReady(sandbox);
    }

    private static String small() {
        return "image: {repository: \"localhost/agenttier/test-busybox:dev\"}, resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: \"1\", memory: 256Mi}}";
    }

    private static void apply(TestNamespace namespace, String manifests) {
        namespace.kubectl().with(manifests).run("apply", "-f", "-").orThrow();
    }

    private static String sandbox(TestNamespace namespace, String template) {
        var name = namespace.freshName();
        apply(namespace, """
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: %s}
                spec: {templateRef: {name: %s}}
                """.formatted(name, template));
        return name;
    }

    private static String says(TestNamespace namespace, String sandbox) {
        return Exec.json(namespace, sandbox, "sh", "-c", "echo -n $WHO $NEAR $FAR $(cat from-middle)")
                .get("stdout")
                .asText();
    }

    private static List<String> chain(JsonNode status) {
        var names = new ArrayList<String>();
        status.get("templateChain").forEach(link -> names.add(link.get("name").asText()));
        return names;
    }

    private static void awaitMessage(TestNamespace namespace, String sandbox, String type, String message) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(condition(namespace, sandbox, type)
                                .path("message")
                                .asText())
                        .contains(message));
    }

    private static JsonNode condition(TestNamespace namespace, String sandbox, String type) {
        for (var condition : namespace.sandbox(sandbox).at("/status/conditions")) {
            if (condition.get("type").asText().equals(type)) {
                return condition;
            }
        }
        return namespace.sandbox(sandbox).path("none");
    }
}
