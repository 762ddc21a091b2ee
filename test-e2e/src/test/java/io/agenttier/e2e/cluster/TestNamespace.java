package io.agenttier.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.Kubectl;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A namespace of one test class, and the sandboxes in it. */
public final class TestNamespace {
    public static final String SANDBOX_PATH = "/apis/agenttier.io/v1alpha1/namespaces/%s/sandboxes/%s";
    public static final String SUBRESOURCE_PATH =
            "/apis/agenttier.io/subresources-v1alpha1/namespaces/%s/sandboxes/%s/%s";
    private static final Duration READY = Duration.ofSeconds(90);

    private final Cluster cluster;
    private final String name;
    private final AtomicInteger count = new AtomicInteger();

    TestNamespace(Cluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    public Cluster cluster() {
        return cluster;
    }

    public String name() {
        return name;
    }

    public Kubectl kubectl() {
        return cluster.kubectl().in(name);
    }

    public KubeApi api() {
        return cluster.api();
    }

    /** A name that no other sandbox of this class has. */
    public String freshName() {
        return "sb-" + count.incrementAndGet();
    }

    /** Applies a Sandbox of the busybox image with further lines of {@code spec}, indented by two, and waits until it is Ready. */
    public String ready(String... specLines) {
        var sandbox = apply("test-busybox", specLines);
        awaitReady(sandbox);
        return sandbox;
    }

    /** As {@link #ready}, without waiting. */
    public String apply(String image, String... specLines) {
        var sandbox = freshName();
        var manifest = new StringBuilder("""
                apiVersion: agenttier.io/v1alpha1
                kind: Sandbox
                metadata:
                  name: %s
                spec:
                  image: {repository: "localhost/agenttier/%s:dev", pullPolicy: IfNotPresent}
                  resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: "1", memory: 256Mi}}
                """.formatted(sandbox, image));
        for (var line : specLines) manifest.append("  ").append(line).append('\n');
        kubectl().with(manifest.toString()).run("apply", "-f", "-").orThrow();
        return sandbox;
    }

    public JsonNode sandbox(String sandbox) {
        return api().get(SANDBOX_PATH.formatted(name, sandbox)).json();
    }

    public void awaitReady(String sandbox) {
        kubectl()
                .run("wait", "--for=condition=Ready", "sandbox/" + sandbox, "--timeout=" + READY.toSeconds() + "s")
                .orThrow(() -> kubectl()
                                .run("get", "sandbox,pod,pvc,event", "-o", "wide")
                                .toString()
                        + kubectl().run("get", "sandbox", sandbox, "-o", "yaml"));
    }

    /** Waits until {@code status.phase} is {@code phase}. */
    public void awaitPhase(String sandbox, String phase) {
        Awaitility.await("phase " + phase + " of " + sandbox)
                .atMost(READY)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> sandbox(sandbox).at("/status/phase").asText().equals(phase));
    }

    /** Path of a subresource with an optional query, which begins with {@code ?}. */
    public String path(String sandbox, String subresource) {
        return SUBRESOURCE_PATH.formatted(name, sandbox, subresource);
    }

    /** Waits for an Event of the sandbox, or of what is named like it, with this reason and text. */
    public void awaitEvent(String sandbox, String reason, String text) {
        Awaitility.await(reason + " of " + sandbox)
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(events(sandbox, reason)).contains(text));
    }

    /** Messages of those Events, in one line. */
    public String events(String sandbox, String reason) {
        return kubectl()
                .run(
                        "get",
                        "events",
                        "--field-selector=involvedObject.name=" + sandbox + ",reason=" + reason,
                        "-o",
                        "jsonpath={.items[*].message}")
                .orThrow()
                .stdout();
    }

    /** Pods of the sandbox as {@code pod/NAME}, one a line. */
    public String pods(String sandbox) {
        return kubectl()
                .run("get", "pods", "-l", "agenttier.io/sandbox=" + sandbox, "-o", "name")
                .orThrow()
                .stdout();
    }
}
