package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
        var system = cluster.kubectl().in("agenttier");
        system.run("scale", "deployment/agenttier-apiserver", "--replicas=0").orThrow();
        system.run("wait", "--for=delete", "pod", "-l", "app.kubernetes.io/component=apiserver", "--timeout=120s")
                .orThrow();

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
}
