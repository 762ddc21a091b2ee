package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Nodes;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes on another node than every replica of the apiserver, and sandboxes that come back on another node than they left. */
@Tag("disruptive")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesE2E {
    private static final int BYTES = 16 << 20;
    private static final String OCTETS = "application/octet-stream";

    private Nodes nodes;
    private String home;
    private String away;

    @BeforeAll
    void keepTheApiserverOnOneNode(TestNamespace namespace) {
        nodes = Nodes.of(namespace.cluster());
        assumeThat(nodes.names()).as("nodes of the cluster").hasSizeGreaterThan(1);
        home = nodes.names().getFirst();
        away = nodes.names().get(1);
        pin(namespace, "\"" + home + "\"");
        Awaitility.await("every replica is on " + home)
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(apiserverNodes(namespace)).containsOnly(home));
    }

    @AfterAll
    void letTheApiserverSpreadAgain(TestNamespace namespace) {
        if (home != null) pin(namespace, "null");
    }

    private static void pin(TestNamespace namespace, String node) {
        var system = namespace.cluster().kubectl().in("agenttier");
        system.run(
                        "patch",
                        "deployment/agenttier-apiserver",
                        "-p",
                        "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":" + node
                                + "}}}}}")
                .orThrow();
        system.run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=180s")
                .orThrow();
    }

    private String readyOn(String node, TestNamespace namespace, String... specLines) {
        try (var _ = nodes.only(node)) {
            var sandbox = namespace.ready(specLines);
            assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(node);
            return sandbox;
        }
    }

    @Test
    void servesExecWebSocketAndFilesOfTheOtherNode(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var sandbox = readyOn(away, namespace);
        assertThat(Exec.json(namespace, sandbox, "echo", "far").get("stdout").asText())
                .isEqualTo("far\n");

        var random = new byte[BYTES];
        new Random(5).nextBytes(random);
        var stdin = Files.write(folder.resolve("in"), random);
        var stdout = folder.resolve("out");
        int code = ForeignClients.remotecommand(
                namespace.cluster().kubeconfig(),
                namespace.path(sandbox, "exec"),
                List.of("sh", "-c", "cat; exit 9"),
                stdin,
                stdout,
                folder.resolve("err"));
        assertThat(code).isEqualTo(9);
        assertThat(Files.mismatch(stdin, stdout)).isEqualTo(-1);

        var put = namespace.api().call("PUT", namespace.path(sandbox, "files?path=blob"), random, OCTETS);
        assertThat(put.code()).as(put.text()).isEqualTo(201);
        assertThat(Exec.json(namespace, sandbox, "sha256sum", "blob")
                        .get("stdout")
                        .asText())
                .startsWith(sha256(random));
        assertThat(sha256(namespace
                        .api()
                        .get(namespace.path(sandbox, "files?path=blob"))
                        .body()))
                .isEqualTo(sha256(random));
    }

    /** Where the replicas are that kube-apiserver may still send a call to. */
    private static List<String> apiserverNodes(TestNamespace namespace) {
        var listed = namespace
                .cluster()
                .kubectl()
                .in("agenttier")
                .run(
                        "get",
                        "endpointslices",
                        "-l",
                        "kubernetes.io/service-name=agenttier-apiserver",
                        "-o",
                        "jsonpath={.items[*].endpoints[*].nodeName}")
                .orThrow()
                .stdout();
        return List.of(listed.split(" "));
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void resumesOnEitherNodeWithoutAVolume(TestNamespace namespace) {
        var sandbox = readyOn(home, namespace, "storage: {ephemeral: true, size: 64Mi}");
        for (var node : List.of(away, home)) {
            stop(namespace, sandbox);
            try (var _ = nodes.only(node)) {
                namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
            }
            assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(node);
            assertThat(Exec.json(namespace, sandbox, "echo", node).get("stdout").asText())
                    .isEqualTo(node + "\n");
        }
    }

    @Test
    void aVolumeOfOneNodeBringsItsSandboxBackToThatNode(TestNamespace namespace) {
        var sandbox = readyOn(away, namespace, "storage: {size: 64Mi}");
        Exec.json(namespace, sandbox, Map.of("script", "echo kept > kept"));
        stop(namespace, sandbox);
        try (var _ = nodes.only(home)) {
            namespace.kubectl().sandbox("resume", sandbox).orThrow();
            Awaitility.await("the sandbox says why it does not start")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(namespace
                                    .sandbox(sandbox)
                                    .at("/status/conditions")
                                    .toString())
                            .contains("Unschedulable", "no node takes the pod"));
        }
        namespace.awaitReady(sandbox);
        assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(away);
        assertThat(Exec.json(namespace, sandbox, "cat", "kept").get("stdout").asText())
                .isEqualTo("kept\n");
    }

    @Test
    void aVolumeOfAllNodesFollowsItsSandbox(TestNamespace namespace) {
        var shared = namespace.cluster().kubectl().run("get", "storageclass", "shared");
        assumeThat(shared.code()).as("the cluster has a class \"shared\"").isZero();
        var sandbox = readyOn(away, namespace, "storage: {size: 64Mi, storageClass: shared}");
        Exec.json(namespace, sandbox, Map.of("script", "echo carried > carried"));
        stop(namespace, sandbox);
        try (var _ = nodes.only(home)) {
            namespace.kubectl().sandbox("resume", sandbox, "--wait").orThrow();
        }
        assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(home);
        assertThat(Exec.json(namespace, sandbox, "cat", "carried").get("stdout").asText())
                .isEqualTo("carried\n");
    }

    private static void stop(TestNamespace namespace, String sandbox) {
        namespace.kubectl().sandbox("stop", sandbox).orThrow();
        namespace.awaitPhase(sandbox, "Stopped");
    }
}
