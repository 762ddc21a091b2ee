package io.agenttier.e2e.cluster;

import java.util.Map;

/**
 * A program behind an APIService of its own that answers 204 at once: what a call through it takes is kube-apiserver's part of any call
 * to an aggregated API.
 */
public final class TrivialBackend implements AutoCloseable {
    private static final String API_SERVICE = "v1.bench.agenttier.io";

    /** Any path below the group and version. */
    public static final String PATH = "/apis/bench.agenttier.io/v1/nothing";

    private final Cluster cluster;

    private TrivialBackend(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Starts it in this namespace and waits until kube-apiserver calls it available. */
    public static TrivialBackend start(TestNamespace namespace) {
        PlainPod.ready(
                namespace,
                "backend",
                Map.of("app", "backend"),
                "containers:",
                "  - name: main",
                "    image: localhost/agenttier/test-static:dev",
                "    imagePullPolicy: IfNotPresent",
                "    command: [/static, backend, \"8443\"]",
                "    readinessProbe: {tcpSocket: {port: 8443}, periodSeconds: 1}");
        namespace
                .kubectl()
                .with("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: backend}
                        spec:
                          selector: {app: backend}
                          ports: [{port: 443, targetPort: 8443}]
                        ---
                        apiVersion: apiregistration.k8s.io/v1
                        kind: APIService
                        metadata: {name: %s}
                        spec:
                          group: bench.agenttier.io
                          version: v1
                          groupPriorityMinimum: 100
                          versionPriority: 100
                          insecureSkipTLSVerify: true
                          service: {namespace: %s, name: backend}
                        """.formatted(API_SERVICE, namespace.name()))
                .run("apply", "-f", "-")
                .orThrow();
        var backend = new TrivialBackend(namespace.cluster());
        namespace
                .cluster()
                .kubectl()
                .run("wait", "--for=condition=Available", "apiservice/" + API_SERVICE, "--timeout=60s")
                .orThrow();
        return backend;
    }

    /** One call through kube-apiserver. */
    public void call() {
        var reply = cluster.api().get(PATH);
        if (reply.code() != 204) throw new AssertionError(reply.toString());
    }

    /** Takes the APIService away: one without a backend makes discovery of the whole cluster incomplete. */
    @Override
    public void close() {
        cluster.kubectl().run("delete", "apiservice", API_SERVICE, "--ignore-not-found");
    }
}
