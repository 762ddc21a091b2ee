package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** While no replica answers, users can make no sandboxes; whatever cleans up goes on. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class AdmissionOutageE2E {
    @AfterEach
    void repliesAgain(Cluster cluster) {
        var system = cluster.kubectl().in("agenttier");
        system.run("scale", "deployment/agenttier-apiserver", "--replicas=2").orThrow();
        system.run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=180s")
                .orThrow();
        cluster.kubectl()
                .run(
                        "wait",
                        "--for=condition=Available",
                        "apiservice/subresources-v1alpha1.agenttier.io",
                        "--timeout=60s")
                .orThrow();
    }

    @Test
    void refusesNewSandboxesAndHoldsUpNoCleanup(TestNamespace namespace, Cluster cluster) {
        var kept = namespace.ready();
        var deleted = namespace.ready();
        down(cluster);

        var refused = namespace.kubectl().with("""
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata: {name: not-now}
                spec: {image: {repository: "x:1"}}
                """).run("create", "-f", "-");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.stderr()).contains("failed calling webhook", "msandbox.agenttier.io");

        assertThat(namespace
                        .kubectl()
                        .run("label", "sandbox", kept, "seen=true")
                        .code())
                .as("what leaves the spec alone")
                .isZero();
        namespace.kubectl().run("delete", "pod", kept + "-pod", "--wait=false").orThrow();
        Awaitility.await("the controller writes status")
                .atMost(Duration.ofSeconds(60))
                .until(() -> namespace.sandbox(kept).at("/status/restartCount").asInt() == 1);
        namespace.kubectl().run("delete", "sandbox", deleted, "--timeout=60s").orThrow();
        cluster.kubectl()
                .run("delete", "namespace", namespace.name(), "--wait=false")
                .orThrow();
        Awaitility.await("the sandboxes of the namespace go")
                .atMost(Duration.ofSeconds(90))
                .until(() -> namespace
                        .kubectl()
                        .run("get", "sandboxes", "-o", "name")
                        .stdout()
                        .isEmpty());
    }

    /** Whoever goes through all groups, as Argo CD and kubectl do, finds all of them and what is in them. */
    @Test
    void everyGroupIsStillDiscovered(TestNamespace namespace, Cluster cluster, @TempDir Path folder) {
        var resources = resources(cluster, folder.resolve("before"));
        var preferred = preferredVersions(cluster);
        assertThat(resources).contains("pods", "deployments.apps", "sandboxes.agenttier.io");
        down(cluster);
        cluster.kubectl()
                .run(
                        "wait",
                        "--for=condition=Available=False",
                        "apiservice/subresources-v1alpha1.agenttier.io",
                        "--timeout=120s")
                .orThrow();
        assertThat(resources(cluster, folder.resolve("meanwhile"))).isEqualTo(resources);
        assertThat(preferredVersions(cluster)).isEqualTo(preferred);
        assertThat(cluster.kubectl()
                        .run(
                                "explain",
                                "sandbox.spec",
                                "--cache-dir",
                                folder.resolve("explain").toString())
                        .orThrow()
                        .stdout())
                .contains("DESCRIPTION");
        namespace.kubectl().run("get", "sandboxes,pods,configmaps").orThrow();
        assertThat(cluster.api().get("/openapi/v2").code()).isEqualTo(200);
        assertThat(cluster.api().get("/apis/agenttier.io/subresources-v1alpha1").code())
                .isEqualTo(503);
    }

    private static void down(Cluster cluster) {
        var system = cluster.kubectl().in("agenttier");
        system.run("scale", "deployment/agenttier-apiserver", "--replicas=0").orThrow();
        system.run("wait", "--for=delete", "pod", "-l", "app.kubernetes.io/component=apiserver", "--timeout=120s")
                .orThrow();
    }

    /** Names as kubectl prints them, which ends with an error of its own where one version of a group is stale. */
    private static List<String> resources(Cluster cluster, Path cache) {
        return cluster.kubectl()
                .run("api-resources", "-o", "name", "--cache-dir", cache.toString())
                .stdout()
                .lines()
                .sorted()
                .toList();
    }

    private static Map<String, String> preferredVersions(Cluster cluster) {
        var preferred = new TreeMap<String, String>();
        for (var group : cluster.api().get("/apis").json().get("groups")) {
            preferred.put(
                    group.get("name").asText(),
                    group.at("/preferredVersion/groupVersion").asText());
        }
        return preferred;
    }
}
