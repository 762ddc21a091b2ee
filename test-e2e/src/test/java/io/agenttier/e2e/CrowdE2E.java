package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Programs;
import io.agenttier.e2e.cluster.Programs.Memory;
import io.agenttier.e2e.cluster.Residue;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A crowd of sandboxes that is created and deleted in one go. Writes {@code build/bench/crowd.md}. */
@Tag("disruptive")
@Timeout(3600)
@ExtendWith(ClusterExtension.class)
class CrowdE2E {
    private static final int CROWD = Size.of(50, 500);
    private static final Duration LIMIT = Duration.ofMinutes(Size.of(6, 50));

    /** How far a pod may come later than its sandbox did: sandboxes that the controller works on at a time, several rounds each. */
    private static final int OVERTAKEN = 30;

    /** What the controller may keep for each sandbox that was, KiB of heap after a collection: what bounded caches still fill. */
    private static final long KEPT_FOR_EACH = 16;

    @Test
    void comesAndGoesInOrderAndLeavesNothing(TestNamespace namespace, Cluster cluster) throws IOException {
        namespace
                .kubectl()
                .run("delete", "sandbox", namespace.ready(), "--timeout=60s")
                .orThrow();
        var empty = controller(cluster); // before the residue: measuring leaves files itself
        var residue = Residue.of(cluster);

        var began = Instant.now();
        for (var i = 0; i < CROWD; i++) create(namespace, "crowd-%03d".formatted(i));
        var created = Instant.now();
        Awaitility.await("all of the crowd run")
                .atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> running(namespace) == CROWD);
        var ran = Instant.now();
        assertInOrder(namespace);
        var full = controller(cluster);

        var deleting = Instant.now();
        namespace.api().delete(sandboxes(namespace));
        Awaitility.await("nothing of the crowd is left")
                .atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    for (var kind : List.of("sandboxes", "pods", "pvc", "networkpolicies", "secrets")) {
                        assertThat(namespace
                                        .kubectl()
                                        .run("get", kind, "-o", "name")
                                        .stdout())
                                .as(kind)
                                .isEmpty();
                    }
                    assertThat(Residue.of(cluster).since(residue)).isEmpty();
                });
        var gone = Instant.now();
        var after = controller(cluster);

        write(List.of(empty, full, after), began, created, ran, deleting, gone);
        assertThat(after.pod()).as("the controller was never restarted").isEqualTo(empty.pod());
        assertThat(after.heap() - empty.heap())
                .as("KiB that %d sandboxes leave in the heap", CROWD)
                .isLessThan((8 << 10) + KEPT_FOR_EACH * CROWD);
    }

    /** Whoever came in the middle of the crowd was served in the middle, as everybody was in his turn. */
    private static void assertInOrder(TestNamespace namespace) {
        var arrivals = names(namespace, sandboxes(namespace), "name");
        var pods = names(namespace, "/api/v1/namespaces/" + namespace.name() + "/pods", "sandbox");
        assertThat(pods).containsExactlyInAnyOrderElementsOf(arrivals);
        for (var sandbox : arrivals) {
            assertThat(pods.indexOf(sandbox) - arrivals.indexOf(sandbox))
                    .as("places that %s fell back", sandbox)
                    .isLessThanOrEqualTo(OVERTAKEN);
        }
    }

    /** In the order of their creation. */
    private static List<String> names(TestNamespace namespace, String path, String by) {
        var items = new ArrayList<JsonNode>();
        namespace.api().get(path).json().get("items").forEach(items::add);
        return items.stream()
                .sorted(Comparator.comparing((JsonNode item) ->
                                item.at("/metadata/creationTimestamp").asText())
                        .thenComparing(item -> item.at("/metadata/name").asText()))
                .map(item -> by.equals("name")
                        ? item.at("/metadata/name").asText()
                        : item.at("/metadata/labels")
                                .path("agenttier.io/sandbox")
                                .asText())
                .toList();
    }

    private static void create(TestNamespace namespace, String name) {
        var body = KubeApi.json("""
                {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"name":"%s"},"spec":{
                 "image":{"repository":"localhost/agenttier/test-busybox:dev","pullPolicy":"IfNotPresent"},
                 "resources":{"requests":{"cpu":"1m","memory":"8Mi"},"limits":{"cpu":"1","memory":"64Mi"}},
                 "storage":{"size":"16Mi"}}}""".formatted(name));
        var reply = namespace.api().post(sandboxes(namespace), body);
        assertThat(reply.code()).as(reply.text()).isEqualTo(201);
    }

    private static long running(TestNamespace namespace) {
        var running = 0;
        for (var sandbox : namespace.api().get(sandboxes(namespace)).json().get("items")) {
            if (sandbox.at("/status/phase").asText().equals("Running")) running++;
        }
        return running;
    }

    private static Memory controller(Cluster cluster) {
        return Programs.memory(cluster).stream()
                .filter(memory -> memory.pod().startsWith("agenttier-controller"))
                .findFirst()
                .orElseThrow();
    }

    private static void write(
            List<Memory> memory, Instant began, Instant created, Instant ran, Instant deleting, Instant gone)
            throws IOException {
        var report = """
                %d sandboxes: created in %.1f s, all Running after %.1f s; deleted, nothing left after %.1f s

                | controller, MiB | before | all run | all gone |
                |---|---|---|---|
                | resident | %.1f | %.1f | %.1f |
                | heap after a collection | %.1f | %.1f | %.1f |
                """.formatted(
                        CROWD,
                        seconds(began, created),
                        seconds(began, ran),
                        seconds(deleting, gone),
                        memory.get(0).resident() / 1024.0,
                        memory.get(1).resident() / 1024.0,
                        memory.get(2).resident() / 1024.0,
                        memory.get(0).heap() / 1024.0,
                        memory.get(1).heap() / 1024.0,
                        memory.get(2).heap() / 1024.0);
        System.out.println(report);
        Files.writeString(Files.createDirectories(Path.of("build/bench")).resolve("crowd.md"), report);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }

    private static String sandboxes(TestNamespace namespace) {
        return "/apis/agenttier.io/v1alpha1/namespaces/" + namespace.name() + "/sandboxes";
    }
}
