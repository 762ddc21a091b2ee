package io.agenttier.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A pod that has nothing to do with AgentTier: a neighbour of sandboxes, or what they are measured beside. */
public final class PlainPod {
    private static final String SLEEPING =
            "containers: [{name: main, image: \"localhost/agenttier/test-busybox:dev\", imagePullPolicy: IfNotPresent, command: [sleep, \"100000\"]}]";

    private final TestNamespace namespace;
    private final String name;

    private PlainPod(TestNamespace namespace, String name) {
        this.namespace = namespace;
        this.name = name;
    }

    /** Applies a pod with these lines of {@code spec}, indented by two, and waits until it is Ready. */
    public static PlainPod ready(
            TestNamespace namespace, String name, Map<String, String> labels, String... specLines) {
        var manifest = new StringBuilder(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  labels:\n    plain: \"yes\"\n");
        labels.forEach((key, value) ->
                manifest.append("    ").append(key).append(": ").append(value).append('\n'));
        manifest.append("spec:\n  terminationGracePeriodSeconds: 0\n");
        for (var line : specLines) manifest.append("  ").append(line).append('\n');
        namespace.kubectl().with(manifest.toString()).run("apply", "-f", "-").orThrow();
        namespace
                .kubectl()
                .run("wait", "--for=condition=Ready", "pod/" + name, "--timeout=60s")
                .orThrow(() -> namespace.kubectl().run("describe", "pod", name).toString());
        return new PlainPod(namespace, name);
    }

    /** One busybox that sleeps, on any node. */
    public static PlainPod sleeping(TestNamespace namespace, String name) {
        return ready(namespace, name, Map.of(), SLEEPING);
    }

    /** One busybox that sleeps, on this node. */
    public static PlainPod sleeping(TestNamespace namespace, String name, String node) {
        return ready(namespace, name, Map.of(), "nodeSelector: {kubernetes.io/hostname: " + node + "}", SLEEPING);
    }

    public String name() {
        return name;
    }

    public String address() {
        return address(namespace, name);
    }

    /** The address of a pod once its status has it. */
    public static String address(TestNamespace namespace, String pod) {
        return Awaitility.await("address of pod " + pod)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> get(namespace, pod).at("/status/podIP").asText(), address -> !address.isEmpty());
    }

    /** The node that a pod runs on. */
    public static String node(TestNamespace namespace, String pod) {
        return get(namespace, pod).at("/spec/nodeName").asText();
    }

    private static JsonNode get(TestNamespace namespace, String pod) {
        return namespace
                .api()
                .get("/api/v1/namespaces/" + namespace.name() + "/pods/" + pod)
                .json();
    }

    /** Runs argv by {@code pods/exec}. */
    public Command.Result exec(String... argv) {
        var command = new java.util.ArrayList<>(List.of("exec", name, "-c", "main", "--"));
        command.addAll(List.of(argv));
        return namespace.kubectl().run(command.toArray(String[]::new)).result();
    }

    /** What its container {@code main} has printed so far. */
    public List<String> lines() {
        return namespace
                .kubectl()
                .run("logs", name, "-c", "main")
                .orThrow()
                .stdout()
                .lines()
                .toList();
    }
}
