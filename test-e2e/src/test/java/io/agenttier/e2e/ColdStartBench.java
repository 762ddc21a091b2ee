package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a cold start costs beside a bare Pod with the same containers and volumes, down to the daemon and its Secret, taking turns in one run.
 * From the create to Ready, seen by reads. Writes {@code build/bench/coldstart.md}; judges nothing, since the machine may be busy.
 */
@Tag("bench")
@Timeout(1200)
@ExtendWith(ClusterExtension.class)
class ColdStartBench {
    private static final int ROUNDS = 30;
    private static final int WARM_UP = 3;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final String SANDBOXES = "/apis/agenttier.io/v1alpha1/namespaces/%s/sandboxes";
    private static final String PODS = "/api/v1/namespaces/%s/pods";
    private static final String CLAIMS = "/api/v1/namespaces/%s/persistentvolumeclaims";
    private static final String SECRETS = "/api/v1/namespaces/%s/secrets";

    private final List<String> table = new ArrayList<>();

    @Test
    void sandboxBesideABarePod(TestNamespace namespace) throws IOException {
        table.add("| start, p50 over %d (p90) | sandbox | bare Pod | ratio |".formatted(ROUNDS));
        table.add("|---|---|---|---|");
        measure(namespace, "ephemeral workspace", "{ephemeral: true, size: 64Mi}");
        measure(namespace, "volume that is provisioned", "{size: 64Mi}");
    }

    private void measure(TestNamespace namespace, String what, String storage) throws IOException {
        var model = namespace.ready("storage: " + storage);
        var bare = new BarePod(namespace, model);
        var ours = new ArrayList<Double>();
        var theirs = new ArrayList<Double>();
        var phase = new Random(7);
        for (var i = -WARM_UP; i < ROUNDS; i++) {
            // the kubelet looks at containers once in a second: starts that follow each other's ends would all meet the
            // same moment of it
            LockSupport.parkNanos(phase.nextLong(1_000_000_000L));
            var sandbox = copy(get(namespace, SANDBOXES, model), namespace.freshName());
            ((ObjectNode) sandbox.get("spec")).remove(List.of("createdBy", "powerState"));
            var began = System.nanoTime();
            create(namespace, SANDBOXES, sandbox);
            var took = awaitReady(namespace, SANDBOXES, name(sandbox), began);
            LockSupport.parkNanos(phase.nextLong(1_000_000_000L));
            var tookBare = bare.start("bare-" + name(sandbox));
            if (i >= 0) {
                ours.add(took);
                theirs.add(tookBare);
            }
            delete(namespace, SANDBOXES, name(sandbox));
            awaitGone(namespace, PODS, name(sandbox) + "-pod");
        }
        ours.sort(null);
        theirs.sort(null);
        table.add(String.format(
                Locale.ROOT,
                "| %s | %.0f (%.0f) ms | %.0f (%.0f) ms | %.2f |",
                what,
                at(ours, 0.5),
                at(ours, 0.9),
                at(theirs, 0.5),
                at(theirs, 0.9),
                at(ours, 0.5) / at(theirs, 0.5)));
        var folder = Files.createDirectories(Path.of("build/bench"));
        Files.write(folder.resolve("coldstart.md"), table);
    }

    /** The pod of a sandbox without the sandbox: with copies of its Secret and, for each start, of its volume claim. */
    private static final class BarePod {
        private final TestNamespace namespace;
        private final ObjectNode pod;
        private final @Nullable ObjectNode claim;

        BarePod(TestNamespace namespace, String sandbox) {
            this.namespace = namespace;
            var status = namespace.sandbox(sandbox).get("status");
            var secret = copy(
                    get(
                            namespace,
                            SECRETS,
                            sandbox + "-" + status.get("incarnation").asText()),
                    "bare-" + sandbox);
            create(namespace, SECRETS, secret);
            pod = copy(get(namespace, PODS, sandbox + "-pod"), "bare");
            var spec = (ObjectNode) pod.get("spec");
            spec.remove(List.of("nodeName", "serviceAccount", "serviceAccountName", "hostname"));
            for (var volume : spec.get("volumes")) {
                if (volume.has("secret")) ((ObjectNode) volume.get("secret")).put("secretName", name(secret));
            }
            for (var variable : spec.at("/containers/0/env")) {
                var from = variable.at("/valueFrom/secretKeyRef");
                if (from instanceof ObjectNode key) key.put("name", name(secret));
            }
            var pvc = status.path("pvcName").asText();
            claim = pvc.isEmpty() ? null : copy(get(namespace, CLAIMS, pvc), "bare");
            if (claim != null && claim.get("spec") instanceof ObjectNode bound) bound.remove("volumeName");
        }

        /** The time until it is Ready, in ms. It is gone again afterwards. */
        double start(String name) {
            named(pod, name);
            var began = System.nanoTime();
            if (claim != null) {
                create(namespace, CLAIMS, named(claim, name));
                for (var volume : pod.at("/spec/volumes")) {
                    if (volume.get("persistentVolumeClaim") instanceof ObjectNode source) source.put("claimName", name);
                }
            }
            create(namespace, PODS, pod);
            var took = awaitReady(namespace, PODS, name, began);
            delete(namespace, PODS, name);
            awaitGone(namespace, PODS, name);
            if (claim != null) delete(namespace, CLAIMS, name);
            return took;
        }
    }

    /** What somebody would write to get the same object. */
    private static ObjectNode copy(JsonNode object, String name) {
        var copy = (ObjectNode) object.deepCopy();
        copy.remove(List.of("status", "metadata"));
        copy.putObject("metadata");
        return named(copy, name);
    }

    private static ObjectNode named(ObjectNode object, String name) {
        ((ObjectNode) object.get("metadata")).put("name", name);
        return object;
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }

    private static JsonNode get(TestNamespace namespace, String collection, String name) {
        return namespace
                .api()
                .get(collection.formatted(namespace.name()) + "/" + name)
                .json();
    }

    private static void create(TestNamespace namespace, String collection, Object body) {
        var answer = namespace.api().post(collection.formatted(namespace.name()), body);
        assertThat(answer.code()).as(answer.text()).isEqualTo(201);
    }

    private static void delete(TestNamespace namespace, String collection, String name) {
        var answer = namespace.api().delete(collection.formatted(namespace.name()) + "/" + name);
        assertThat(answer.code()).as(answer.text()).isIn(200, 202);
    }

    private static double awaitReady(TestNamespace namespace, String collection, String name, long began) {
        await(namespace, collection, name, object -> {
            for (var condition : object.at("/status/conditions")) {
                if (condition.get("type").asText().equals("Ready"))
                    return condition.get("status").asText().equals("True");
            }
            return false;
        });
        return (System.nanoTime() - began) / 1e6;
    }

    private static void awaitGone(TestNamespace namespace, String collection, String name) {
        await(namespace, collection, name, object -> object.path("code").asInt() == 404);
    }

    private static void await(TestNamespace namespace, String collection, String name, Predicate<JsonNode> reached) {
        Awaitility.await(name)
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(LOOK)
                .until(() -> reached.test(get(namespace, collection, name)));
    }

    private static double at(List<Double> sorted, double quantile) {
        return sorted.get((int) (quantile * (sorted.size() - 1)));
    }
}
