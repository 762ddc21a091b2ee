package io.agenttier.e2e.client;

import io.agenttier.e2e.cluster.TestNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;

/** The replicas of the apiserver, which tests kill. */
public final class ApiserverReplicas {
    private static final String DEPLOYMENT = "deployment/agenttier-apiserver";
    private static final int LINES = 2000;
    /** The grace period of a replica, and some. */
    private static final Duration END = Duration.ofMinutes(2);

    private final TestNamespace namespace;
    private final Kubectl system;

    public ApiserverReplicas(TestNamespace namespace) {
        this.namespace = namespace;
        this.system = namespace.cluster().kubectl().in("agenttier");
    }

    /** Sets how many there are, waits until they are ready, and says how many there were. */
    public int scale(int replicas) {
        var before = system.run("get", DEPLOYMENT, "-o", "jsonpath={.spec.replicas}")
                .orThrow()
                .stdout();
        system.run("scale", DEPLOYMENT, "--replicas=" + replicas).orThrow();
        namespace.cluster().awaitApiserver();
        return Integer.parseInt(before);
    }

    /** Kills the replica that serves this subresource of the sandbox, without a chance to say goodbye. */
    public void killServing(String sandbox, String subresource) {
        var serving = Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> thatServed(sandbox, subresource), found -> !found.isEmpty());
        system.run("delete", "pod", serving.getFirst(), "--grace-period=0", "--force")
                .orThrow();
    }

    /** Kills all of them at once, and waits until others are ready. */
    public void killAll() {
        var command = new ArrayList<>(List.of("delete", "pod", "--grace-period=0", "--force"));
        command.addAll(pods());
        system.run(command.toArray(String[]::new)).orThrow();
        namespace.cluster().awaitApiserver();
    }

    /** Replaces all of them, one after the other, as an upgrade does. */
    public void roll() {
        system.run("rollout", "restart", DEPLOYMENT).orThrow();
        namespace.cluster().awaitApiserver();
    }

    /** The replicas whose logs say that they served this subresource of the sandbox lately. */
    public List<String> thatServed(String sandbox, String subresource) {
        return pods().stream()
                .filter(pod -> system.run("logs", pod, "--tail=" + LINES)
                        .stdout()
                        .lines()
                        .anyMatch(line -> line.contains("audit.k8s.io/v1")
                                && line.contains("\"" + namespace.name() + "\"")
                                && line.contains("\"" + sandbox + "\"")
                                && line.contains("\"" + subresource + "\"")))
                .toList();
    }

    /** Uids of those that are there to stay. */
    public Set<String> uids() {
        return Set.of(list(
                "go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.uid}} {{end}}{{end}}"));
    }

    /** Waits until none of these is there any more. */
    public void awaitEnd(Set<String> uids) {
        Awaitility.await("end of replicas")
                .atMost(END)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> Collections.disjoint(List.of(list("jsonpath={.items[*].metadata.uid}")), uids));
    }

    private List<String> pods() {
        return List.of(list("jsonpath={.items[*].metadata.name}"));
    }

    private String[] list(String output) {
        return system.run("get", "pods", "-l", "app.kubernetes.io/component=apiserver", "-o", output)
                .orThrow()
                .stdout()
                .strip()
                .split(" ");
    }
}
