package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A namespace with living sandboxes in it goes away, and nothing of ours stays. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class NamespaceDeletionE2E {
    private static final String COOKIE = "sleep-of-the-namespace-deletion-test";

    @Test
    void leavesNothing(TestNamespace namespace, Cluster cluster) throws IOException {
        var running = namespace.ready();
        var stopped = namespace.ready();
        var starting = namespace.apply("test-busybox");
        Exec.json(namespace, running, Map.of("script", "sh -c 'sleep 1000; : " + COOKIE + "' & echo $!"));
        namespace.kubectl().sandbox("stop", stopped).orThrow();
        var uids = Stream.of(running, stopped, starting)
                .map(sandbox -> namespace.sandbox(sandbox).at("/status/podUID").asText())
                .filter(uid -> !uid.isEmpty())
                .toList();
        var volumes = cluster.kubectl().run("get", "pv", "-o", "name").stdout();
        assertThat(volumes).isNotEmpty();
        if (cluster.nodeIsThisMachine()) {
            assertThat(processes()).anyMatch(command -> command.contains(COOKIE));
            assertThat(cgroups()).anyMatch(path -> uids.stream().anyMatch(path::contains));
        }

        cluster.kubectl()
                .run("delete", "namespace", namespace.name(), "--timeout=120s")
                .orThrow();

        for (var kind :
                List.of("pods", "pvc", "networkpolicies", "secrets", "serviceaccounts", "sandboxes.agenttier.io")) {
            assertThat(cluster.kubectl()
                            .in(namespace.name())
                            .run("get", kind, "-o", "name")
                            .stdout())
                    .as(kind)
                    .isEmpty();
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(cluster.kubectl()
                                .run("get", "pv", "-o", "jsonpath={.items[*].spec.claimRef.namespace}")
                                .stdout())
                        .doesNotContain(namespace.name()));
        if (cluster.nodeIsThisMachine()) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> {
                        assertThat(processes()).noneMatch(command -> command.contains(COOKIE));
                        assertThat(cgroups()).noneMatch(path -> uids.stream().anyMatch(path::contains));
                    });
        }
    }

    private static List<String> processes() throws IOException {
        try (var all = Files.list(Path.of("/proc"))) {
            return all.map(folder -> folder.resolve("cmdline"))
                    .map(NamespaceDeletionE2E::read)
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // ended meanwhile, or no process
        }
    }

    /** Folders of pods in every cgroup hierarchy. */
    private static List<String> cgroups() throws IOException {
        try (var tree = Files.find(Path.of("/sys/fs/cgroup"), 6, (path, attributes) -> attributes.isDirectory())) {
            return tree.map(Path::toString).toList();
        } catch (java.io.UncheckedIOException e) {
            return cgroups(); // a folder went away while it was read
        }
    }
}
