package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Nodes;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The local cluster's NetworkPolicy rests on source addresses, so no pod may send from another's, whichever nodes the three are on. A
 * sandbox cannot try, since it has no capabilities; a pod that may change its addresses does.
 */
@Tag("e2e")
@Timeout(180)
@ExtendWith(ClusterExtension.class)
class BorrowedAddressE2E {
    private static final int PORT = 9999;
    private static final int ENOUGH = 20;

    @Test
    void opensNothingToWhoeverBorrowsIt(TestNamespace namespace) {
        assumeThat(namespace.cluster().nodeIsThisMachine())
                .as("what other networks do is theirs to test")
                .isTrue();
        var nodes = Nodes.of(namespace.cluster()).names();
        assumeThat(nodes).hasSizeGreaterThan(1);
        namespace.kubectl().with("""
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: trusted-only}
                        spec:
                          podSelector: {matchLabels: {role: receiver}}
                          policyTypes: [Ingress]
                          ingress: [{from: [{podSelector: {matchLabels: {role: trusted}}}]}]
                        """).run("apply", "-f", "-").orThrow();
        var receiver = PlainPod.ready(
                namespace,
                "receiver",
                Map.of("role", "receiver"),
                on(nodes.getFirst()),
                program("receive", Integer.toString(PORT)));
        var to = receiver.address() + ":" + PORT;
        var trusted = PlainPod.ready(
                namespace,
                "trusted",
                Map.of("role", "trusted"),
                on(nodes.get(1)),
                program("send", "0.0.0.0", to, "trusted"));
        Awaitility.await("datagrams of the other node arrive with their own address")
                .atMost(Duration.ofSeconds(30))
                .until(() -> receiver.lines().contains(trusted.address() + " trusted"));

        var thieves = nodes.stream()
                .map(node -> PlainPod.ready(
                        namespace,
                        "thief-" + node,
                        Map.of("role", "thief"),
                        on(node),
                        borrow(trusted.address()),
                        program("send", trusted.address(), to, "borrowed")))
                .toList();
        for (var thief : thieves) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> thief.lines().contains("sent " + ENOUGH));
        }
        var before = receiver.lines().size();
        Awaitility.await("the receiver goes on receiving")
                .atMost(Duration.ofSeconds(30))
                .until(() -> receiver.lines().size() > before + ENOUGH);
        assertThat(receiver.lines()).containsOnly(trusted.address() + " trusted");
    }

    private static String on(String node) {
        return "nodeSelector: {kubernetes.io/hostname: " + node + "}";
    }

    private static String program(String... arguments) {
        return "containers: [{name: main, image: \"localhost/agenttier/test-static:dev\", imagePullPolicy: IfNotPresent, command: [/static, \""
                + String.join("\", \"", List.of(arguments)) + "\"]}]";
    }

    private static String borrow(String address) {
        return "initContainers: [{name: borrow, image: \"localhost/agenttier/test-busybox:dev\", imagePullPolicy: IfNotPresent, "
                + "securityContext: {runAsUser: 0, capabilities: {add: [NET_ADMIN]}}, command: [ip, addr, add, "
                + address + "/32, dev, eth0]}]";
    }
}
