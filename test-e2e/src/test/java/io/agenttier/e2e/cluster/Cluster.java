package io.agenttier.e2e.cluster;

import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.Kubectl;
import java.nio.file.Path;
import java.util.Map;

/** A Kubernetes cluster with AgentTier in it, seen by its administrator. */
public final class Cluster {
    private final Path kubeconfig;
    private final KubeApi api;

    Cluster(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
        this.api = KubeApi.of(kubeconfig);
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public KubeApi api() {
        return api;
    }

    /** kubectl as the administrator, in namespace {@code default} unless told otherwise. */
    public Kubectl kubectl() {
        return new Kubectl(Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "LC_ALL",
                "C.UTF-8",
                "PATH",
                Path.of("build/bin").toAbsolutePath() + ":" + System.getenv("PATH")));
    }

    /** Waits until all replicas of the apiserver are back, after a test that ended some. */
    public void awaitApiserver() {
        kubectl()
                .in("agenttier")
                .run("rollout", "status", "deployment/agenttier-apiserver", "--timeout=180s")
                .orThrow();
    }

    /** Replaces the controller by a new one. */
    public void restartController() {
        var system = kubectl().in("agenttier");
        system.run("rollout", "restart", "deployment/agenttier-controller").orThrow();
        system.run("rollout", "status", "deployment/agenttier-controller", "--timeout=180s")
                .orThrow();
    }

    /** Ends kube-apiserver and waits until a new one works. Only where {@link #nodeIsThisMachine}. */
    public void restartKubeApiserver() {
        Command.run("test-e2e/local/cluster.sh", "restart", "kube-apiserver").orThrow();
    }

    /** Whether this is the local cluster of processes, whose node is this machine. */
    public boolean nodeIsThisMachine() {
        return kubeconfig.equals(Path.of("build/cluster/kubeconfig").toAbsolutePath())
                && java.nio.file.Files.exists(Path.of("build/cluster/log"));
    }
}
