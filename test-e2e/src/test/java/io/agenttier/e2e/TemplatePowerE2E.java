package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A ClusterSandboxTemplate that came to give more after a sandbox of it was made. */
@Tag("e2e")
@Timeout(180)
@ExtendWith(ClusterExtension.class)
class TemplatePowerE2E {
    @Test
    void aTemplateThatBecomesPrivilegedGivesAResumeNothingThatItsMakerMayNotUse(TestNamespace namespace) {
        var template = "power-" + namespace.name();
        var maker = "system:serviceaccount:" + namespace.name() + ":maker";
        var admin = namespace.kubectl();
        admin.run("create", "serviceaccount", "maker").orThrow();
        admin.run(
                        "create",
                        "role",
                        "maker",
                        "--verb=create,get,patch",
                        "--resource=sandboxes.agenttier.io,sandboxes.agenttier.io/resume,sandboxes.agenttier.io/stop")
                .orThrow();
        admin.run("create", "rolebinding", "maker", "--role=maker", "--serviceaccount=" + namespace.name() + ":maker")
                .orThrow();
        apply(namespace, template, "");
        try {
            var made = namespace
                    .api()
                    .as(maker)
                    .post(
                            "/apis/agenttier.io/v1alpha1/namespaces/" + namespace.name() + "/sandboxes",
                            Map.of(
                                    "apiVersion",
                                    "agenttier.io/v1alpha1",
                                    "kind",
                                    "Sandbox",
                                    "metadata",
                                    Map.of("name", "plain"),
                                    "spec",
                                    Map.of("templateRef", Map.of("kind", "ClusterSandboxTemplate", "name", template))));
            assertThat(made.code()).as(made.text()).isEqualTo(201);
            assertThat(made.json().at("/spec/createdBy/groups").toString())
                    .contains("system:serviceaccounts:" + namespace.name());
            namespace.awaitReady("plain");
            admin.sandbox("stop", "plain").orThrow();
            namespace.awaitPhase("plain", "Stopped");

            apply(namespace, template, "security: {privileged: true}");
            // even an administrator's resume runs what its maker asked for
            admin.sandbox("resume", "plain").orThrow();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> namespace
                            .sandbox("plain")
                            .at("/status/conditions")
                            .toString()
                            .contains(
                                    "is privileged, and \\\"" + maker + "\\\", who made the sandbox, may not use it"));
            assertThat(admin.run("get", "pods", "-o", "name").stdout()).isEmpty();

            admin.with("""
                            apiVersion: rbac.authorization.k8s.io/v1
                            kind: ClusterRole
                            metadata: {name: %s}
                            rules:
                              - {apiGroups: [agenttier.io], resources: [clustersandboxtemplates], verbs: [use], resourceNames: [%s]}
                            """.formatted(template, template))
                    .run("apply", "-f", "-")
                    .orThrow();
            // the right comes by a group
            admin.run(
                            "create",
                            "clusterrolebinding",
                            template,
                            "--clusterrole=" + template,
                            "--group=system:serviceaccounts:" + namespace.name())
                    .orThrow();
            namespace.awaitReady("plain");
            assertThat(admin.run(
                                    "get",
                                    "pod",
                                    "plain-pod",
                                    "-o",
                                    "jsonpath={.spec.containers[0].securityContext.privileged}")
                            .stdout())
                    .isEqualTo("true");
        } finally {
            admin.run("delete", "sandbox", "--all").orThrow();
            admin.run("delete", "clusterrole,clusterrolebinding", template, "--ignore-not-found")
                    .orThrow();
            admin.run("delete", "clustersandboxtemplate", template).orThrow();
        }
    }

    private static void apply(TestNamespace namespace, String template, String more) {
        namespace
                .kubectl()
                .with("""
                        apiVersion: agenttier.io/v1alpha1
                        kind: ClusterSandboxTemplate
                        metadata: {name: %s}
                        spec:
                          image: {repository: "localhost/agenttier/test-busybox:dev", pullPolicy: IfNotPresent}
                          resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
                          %s
                        """.formatted(template, more))
                .run("apply", "-f", "-")
                .orThrow();
    }
}
