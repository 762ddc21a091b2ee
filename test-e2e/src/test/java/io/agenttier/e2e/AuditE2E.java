package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.AuditLogs;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who ran what where stands in kube-apiserver's log and in ours; what he ran stands in neither. */
@Tag("e2e")
@ExtendWith(ClusterExtension.class)
class AuditE2E {
    private static final Path LOG = AuditLogs.KUBE;

    @Test
    void namesTheCallerAndNeverTheCommand(TestNamespace namespace) {
        AuditLogs.assumeReadable();
        var sandbox = namespace.ready();
        var secret = "secret-argument-of-the-audit-test";
        Exec.json(
                namespace,
                sandbox,
                Map.of("command", List.of("echo", secret), "stdin", secret, "env", Map.of("X", secret)));
        var ours = namespace.cluster().kubectl().in("agenttier");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> {
                    try (var lines = Files.lines(LOG)) {
                        assertThat(lines.filter(line -> line.contains("\"namespace\":\"" + namespace.name() + "\"")
                                        && line.contains("\"subresource\":\"exec\"")
                                        && line.contains("\"stage\":\"ResponseComplete\"")))
                                .isNotEmpty();
                    }
                    assertThat(ours.run("logs", "-l", "app.kubernetes.io/component=apiserver", "--tail=500")
                                    .stdout()
                                    .lines())
                            .anyMatch(line -> line.contains("ResponseComplete")
                                    && line.contains(namespace.name())
                                    && line.contains("exec"));
                });
        try (var lines = Files.lines(LOG)) {
            assertThat(lines.filter(line -> line.contains(secret))).isEmpty();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        for (var component : List.of("apiserver", "controller")) {
            assertThat(ours.run("logs", "-l", "app.kubernetes.io/component=" + component, "--tail=-1")
                            .stdout())
                    .doesNotContain(secret);
        }
    }

    /** A client that leaves before the last byte makes kube-apiserver write stage {@code Panic}, which looks like a crash to an auditor. */
    @Test
    void anExecByThePluginEndsProperly(TestNamespace namespace) throws Exception {
        AuditLogs.assumeReadable();
        var sandbox = namespace.ready();
        var times = 10;
        for (var i = 0; i < times; i++)
            namespace.kubectl().sandbox("exec", sandbox, "--", "true").orThrow();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(ends(namespace.name(), sandbox))
                        .hasSize(times)
                        .containsOnly("ResponseComplete"));
    }

    /** Last stage of each exec in this sandbox. */
    private static List<String> ends(String namespace, String sandbox) throws java.io.IOException {
        try (var lines = Files.lines(LOG)) {
            return lines.filter(line -> line.contains("/namespaces/" + namespace + "/sandboxes/" + sandbox + "/exec"))
                    .map(line -> line.replaceAll(".*\"stage\":\"(\\w+)\".*", "$1"))
                    .filter(stage -> !stage.equals("RequestReceived") && !stage.equals("ResponseStarted"))
                    .toList();
        }
    }
}
