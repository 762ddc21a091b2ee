package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** The replicas of the apiserver, which tests kill. */
public final class ApiserverReplicas {
    private final TestNamespace namespace;
    private final Kubectl system;

    public ApiserverReplicas(TestNamespace namespace) {
        this.namespace = namespace;
        this.system = namespace.cluster().kubectl().in("agenttier");
    }

    /** Kills the replica that serves this subresource of the sandbox, without a chance to say goodbye. */
    public void killServing(String sandbox, String subresource) {
        system.run("delete", "pod", serving(sandbox, subresource), "--grace-period=0", "--force")
                .orThrow();
    }

    /** The replica whose log says so. */
    private String serving(String sandbox, String subresource) {
        var pods = List.of(system.run(
                        "get",
                        "pods",
                        "-l",
                        "app.kubernetes.io/component=apiserver",
                        "-o",
                        "jsonpath={.items[*].metadata.name}")
                .stdout()
                .split(" "));
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> pods.stream()
                                .filter(pod -> system.run("logs", pod, "--tail=200")
                                        .stdout()
                                        .lines()
                                        .anyMatch(line -> line.contains("audit.k8s.io/v1")
                                                && line.contains("\"" + namespace.name() + "\"")
                                                && line.contains("\"" + sandbox + "\"")
                                                && line.contains("\"" + subresource + "\"")))
                                .findFirst()
                                .orElse(""),
                        pod -> !pod.isEmpty());
    }
}
