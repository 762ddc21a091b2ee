package io.agenttier.e2e.cluster;

import java.util.Map;

/** An address of the public ranges at which something answers: a pod of the node's network gives it to the node until it is closed. */
public record PublicAddress(TestNamespace namespace, String pod, String address) implements AutoCloseable {
    /** Listens there, and at the node's own addresses, at {@code port}. Only pods of that node reach it. */
    public static PublicAddress at(TestNamespace namespace, String node, String address, int port) {
        var pod = PlainPod.ready(
                namespace,
                "public",
                Map.of(),
                "hostNetwork: true",
                "nodeSelector: {kubernetes.io/hostname: " + node + "}",
                "containers: [{name: main, image: \"localhost/agenttier/test-busybox:dev\", imagePullPolicy: IfNotPresent,"
                        + " readinessProbe: {tcpSocket: {port: " + port + "}, periodSeconds: 1},"
                        + " securityContext: {runAsUser: 0, capabilities: {add: [NET_ADMIN]}},"
                        + " command: [sh, -c, \"ip addr add %s/32 dev lo && exec httpd -f -p %d\"]}]"
                                .formatted(address, port));
        return new PublicAddress(namespace, pod.name(), address);
    }

    @Override
    public void close() {
        namespace.kubectl().run("exec", pod, "-c", "main", "--", "ip", "addr", "del", address + "/32", "dev", "lo");
        namespace.kubectl().run("delete", "pod", pod, "--now", "--wait").orThrow();
    }
}
