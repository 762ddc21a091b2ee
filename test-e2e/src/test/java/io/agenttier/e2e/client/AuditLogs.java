package io.agenttier.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What both audit logs say about calls into the sandboxes of one namespace: kube-apiserver's, and that of our replicas. */
public final class AuditLogs {
    /** kube-apiserver's, one JSON event a line. */
    public static final Path KUBE = Path.of("build/cluster/audit.log");

    /** Stages that are no end of a call. */
    private static final Set<String> EARLY = Set.of("RequestReceived", "ResponseStarted");

    private final TestNamespace namespace;

    public AuditLogs(TestNamespace namespace) {
        this.namespace = namespace;
    }

    public static void assumeReadable() {
        Assumptions.assumeTrue(
                Files.isReadable(KUBE),
                "this kind of cluster keeps its audit log elsewhere, or (kind without root) for root alone");
    }

    /** kube-apiserver's last line of each call, by {@code auditID}. */
    public Map<String, JsonNode> kube() {
        try (var lines = Files.lines(KUBE)) {
            return ends(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Our last line of each call, by {@code auditID}. */
    public Map<String, JsonNode> ours() {
        var log = namespace
                .cluster()
                .kubectl()
                .in("agenttier")
                .run("logs", "-l", "app.kubernetes.io/component=apiserver", "--tail=-1", "--since=10m")
                .orThrow();
        return ends(log.stdout().lines().filter(line -> line.contains("\"audit.k8s.io/v1\"")));
    }

    private Map<String, JsonNode> ends(Stream<String> lines) {
        var all = new HashMap<String, JsonNode>();
        lines.filter(line -> line.contains("/subresources-v1alpha1/namespaces/" + namespace.name() + "/sandboxes/"))
                .map(KubeApi::json)
                .filter(event -> !EARLY.contains(event.path("stage").asText()))
                .forEach(event -> all.put(event.path("auditID").asText(), event));
        return all;
    }
}
