package io.agenttier.e2e;

import static io.agenttier.e2e.client.Netcat.connects;
import static io.agenttier.e2e.client.Netcat.fetch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Nodes;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who reaches whom across nodes, by real connections; each refusal stands beside the same connection where it is allowed. */
@Tag("disruptive")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesNetworkE2E {
    private static final String WEB =
            "harness: {command: [sh, -c, \"mkdir -p /workspace/www; echo served > /workspace/www/index.html; exec httpd -f -p 8080 -h /workspace/www\"]}";
    private static final String PEERS = "network: {allowPeerSandboxes: true}";

    private Nodes nodes;
    private String first;
    private String second;

    @BeforeAll
    void twoNodes(TestNamespace namespace) {
        nodes = Nodes.of(namespace.cluster());
        assumeThat(nodes.names()).as("nodes of the cluster").hasSizeGreaterThan(1);
        first = nodes.names().getFirst();
        second = nodes.names().get(1);
    }

    private String readyOn(String node, TestNamespace namespace, String... specLines) {
        try (var _ = nodes.only(node)) {
            var sandbox = namespace.ready(specLines);
            assertThat(PlainPod.node(namespace, sandbox + "-pod")).isEqualTo(node);
            return sandbox;
        }
    }

    @Test
    void sandboxesReachEachOtherAcrossNodesOnlyWhereBothAgree(TestNamespace namespace) {
        var peers = List.of(readyOn(first, namespace, WEB, PEERS), readyOn(second, namespace, WEB, PEERS));
        var closed = List.of(readyOn(first, namespace, WEB), readyOn(second, namespace, WEB));
        for (var from : List.of(0, 1)) {
            var to = 1 - from;
            assertThat(fetch(namespace, peers.get(from), address(namespace, peers.get(to)), 8080))
                    .as("peer to peer, from node %d", from)
                    .endsWith("served\n");
            for (var port : List.of(8080, 9000)) {
                assertThat(connects(namespace, closed.get(from), address(namespace, closed.get(to)), port))
                        .as("sandbox to sandbox, port %d, from node %d", port, from)
                        .isFalse();
                assertThat(connects(namespace, peers.get(from), address(namespace, closed.get(to)), port))
                        .as("one that agrees to one that does not, port %d, from node %d", port, from)
                        .isFalse();
            }
            assertThat(connects(namespace, peers.get(from), address(namespace, peers.get(to)), 9000))
                    .as("a peer's sandboxd, from node %d", from)
                    .isFalse();
        }
    }

    private static String address(TestNamespace namespace, String sandbox) {
        return PlainPod.address(namespace, sandbox + "-pod");
    }

    @Test
    void onlyTheApiserverReachesSandboxdOfAnotherNode(TestNamespace namespace) {
        var pods = List.of(
                PlainPod.sleeping(namespace, "stranger-1", first), PlainPod.sleeping(namespace, "stranger-2", second));
        var open = PlainPod.ready(
                namespace,
                "open",
                Map.of(),
                "nodeSelector: {kubernetes.io/hostname: " + second + "}",
                "containers: [{name: main, image: \"localhost/agenttier/test-busybox:dev\", imagePullPolicy: IfNotPresent, command: [httpd, -f, -p, \"9000\"]}]");
        assertThat(pods.getFirst().exec("nc", "-w", "2", open.address(), "9000").code())
                .as("pods without a policy across nodes")
                .isZero();
        var sandboxes = List.of(readyOn(first, namespace), readyOn(second, namespace));
        for (var sandbox : sandboxes) {
            var address = address(namespace, sandbox);
            for (var pod : pods) {
                assertThat(pod.exec("nc", "-w", "2", address, "9000").code())
                        .as("%s to sandboxd of %s", pod.name(), sandbox)
                        .isNotZero();
            }
            assertThat(Exec.json(namespace, sandbox, "true").get("exitCode").asInt())
                    .as("the apiserver to sandboxd of " + sandbox)
                    .isZero();
            assertThat(Exec.json(namespace, sandbox, "nslookup", "kubernetes.default.svc.cluster.local")
                            .get("stdout")
                            .asText())
                    .as("DNS of " + sandbox)
                    .contains("Name:");
        }
    }
}
