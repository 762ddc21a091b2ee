package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.NodeProcesses;
import io.agenttier.e2e.cluster.Nodes;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nodes that go, on purpose and not: what becomes of the sandboxes on them. */
@Tag("disruptive")
@Timeout(400)
@ExtendWith(ClusterExtension.class)
class NodeFaultsE2E {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private Nodes nodes;
    private String home;
    private String away;

    @BeforeEach
    void findTwoNodes(TestNamespace namespace) {
        nodes = Nodes.of(namespace.cluster());
        assumeThat(nodes.names()).as("nodes of the cluster").hasSizeGreaterThan(1);
        home = nodes.names().getFirst();
        away = nodes.names().get(1);
    }

    @Test
    void drainedNodeNamesTheDrainAndTheSandboxGoesOnElsewhere(TestNamespace namespace) {
        var sandbox = ephemeralOn(away, namespace);
        var kubectl = namespace.cluster().kubectl();
        try {
            kubectl.run(
                            "drain",
                            away,
                            "--ignore-daemonsets",
                            "--delete-emptydir-data",
                            "--force",
                            "--pod-selector=agenttier.io/managed=true",
                            "--timeout=60s")
                    .orThrow();
            awaitPodReady(namespace, sandbox, "EvictionByEvictionAPI", 15);
            awaitRunningOn(home, namespace, sandbox);
        } finally {
            kubectl.run("uncordon", away).orThrow();
        }
    }

    @Test
    void silentNodeIsNamedAndTheSandboxGoesOnElsewhereOnceTheClusterGivesUpItsPod(TestNamespace namespace) {
        var sandbox = ephemeralOn(away, namespace);
        var kubectl = namespace.cluster().kubectl();
        try (var _ = NodeProcesses.pauseKubelet(namespace.cluster(), away)) {
            kubectl.run("wait", "--for=condition=Ready=Unknown", "node/" + away, "--timeout=120s")
                    .orThrow();
            awaitPodReady(namespace, sandbox, "node " + away + " does not answer", 10);
            assertThat(namespace.sandbox(sandbox).at("/status/conditions").toString())
                    .contains("restarts when the cluster gives up its pod");
            // what the cluster does by itself after the pods' toleration, 5 min
            namespace
                    .kubectl()
                    .run("delete", "pod", sandbox + "-pod", "--wait=false")
                    .orThrow();
            awaitRunningOn(home, namespace, sandbox);
        }
        kubectl.run("wait", "--for=condition=Ready", "node/" + away, "--timeout=120s")
                .orThrow();
        Awaitility.await("the pod that was left there is gone")
                .atMost(Duration.ofSeconds(90))
                .until(() -> namespace.pods(sandbox).lines().count() == 1);
    }

    @Test
    void lostNodeKeepsNoFilesOfASharedVolumeAndIsNamedForOneOfItsOwn(TestNamespace namespace) {
        var kubectl = namespace.cluster().kubectl();
        assumeThat(kubectl.run("get", "storageclass", "shared").code())
                .as("the cluster has a class \"shared\"")
                .isZero();
        var roaming = readyOn(away, namespace, "storage: {size: 64Mi, storageClass: shared, shared: true}");
        var bound = readyOn(away, namespace, "storage: {size: 64Mi}");
        for (var sandbox : List.of(roaming, bound)) {
            Exec.json(namespace, sandbox, Map.of("script", "echo kept by " + sandbox + " > kept"));
        }
        var volume = namespace
                .kubectl()
                .run("get", "pvc", "-l", "agenttier.io/sandbox=" + bound, "-o", "jsonpath={.items[0].spec.volumeName}")
                .orThrow()
                .stdout();
        try (var _ = NodeProcesses.pauseKubelet(namespace.cluster(), away)) {
            kubectl.run("wait", "--for=condition=Ready=Unknown", "node/" + away, "--timeout=120s")
                    .orThrow();
            kubectl.run("taint", "node", away, OUT_OF_SERVICE + "=nodeshutdown:NoExecute")
                    .orThrow();
            awaitRunningOn(home, namespace, roaming);
            assertThat(kept(namespace, roaming)).isEqualTo("kept by " + roaming + "\n");
            awaitPodReady(namespace, bound, volume, 60);
        } finally {
            kubectl.run("taint", "node", away, OUT_OF_SERVICE + "-").orThrow();
        }
        awaitRunningOn(away, namespace, bound);
        assertThat(kept(namespace, bound)).isEqualTo("kept by " + bound + "\n");
    }

    private static String kept(TestNamespace namespace, String sandbox) {
        return Exec.json(namespace, sandbox, "cat", "kept").get("stdout").asText();
    }

    private String ephemeralOn(String node, TestNamespace namespace) {
        return readyOn(node, namespace, "storage: {ephemeral: true, size: 64Mi}");
    }

    private String readyOn(String node, TestNamespace namespace, String storage) {
        try (var _ = nodes.only(node)) {
            var sandbox = namespace.ready(storage);
            assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(node);
            return sandbox;
        }
    }

    private static void awaitPodReady(TestNamespace namespace, String sandbox, String cause, int seconds) {
        Awaitility.await("\"" + cause + "\" in the conditions of " + sandbox)
                .atMost(Duration.ofSeconds(seconds))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> namespace
                        .sandbox(sandbox)
                        .at("/status/conditions")
                        .toString()
                        .contains(cause));
    }

    private static void awaitRunningOn(String node, TestNamespace namespace, String sandbox) {
        Awaitility.await(sandbox + " runs on " + node)
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    var status = namespace.sandbox(sandbox).get("status");
                    return status.at("/phase").asText().equals("Running")
                            && status.at("/node").asText().equals(node);
                });
        namespace.awaitReady(sandbox);
        assertThat(Exec.json(namespace, sandbox, Map.of("script", "echo on"))
                        .get("stdout")
                        .asText())
                .isEqualTo("on\n");
    }
}
