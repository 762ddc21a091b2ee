package io.agenttier.e2e.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.PlainPod;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Spans of agent mode reach a collector, in the trace of the client, without anything of the calls' content ({@code spec} behaviour §21). */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class TracesE2E {
    private static final String DEPLOYMENT = "deployment/agenttier-apiserver";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String RECEIVE = """
            mkdir -p /srv/www/cgi-bin/v1 /srv/spans
            cat > /srv/www/cgi-bin/v1/traces <<'END'
            #!/bin/sh
            cat > /srv/spans/$$
            printf 'Content-Type: application/x-protobuf\\r\\n\\r\\n'
            END
            chmod +x /srv/www/cgi-bin/v1/traces
            exec httpd -f -p 4318 -h /srv/www
            """;

    private final String canary = "canary" + UUID.randomUUID().toString().replace("-", "");
    private PlainPod collector;
    private boolean isExporting;

    @BeforeEach
    void collect(TestNamespace namespace) {
        collector = PlainPod.ready(
                namespace,
                "collector",
                Map.of(),
                "containers:",
                "  - name: main",
                "    image: localhost/agenttier/test-busybox:dev",
                "    imagePullPolicy: IfNotPresent",
                "    command: [sh, -c, " + new String(KubeApi.bytes(RECEIVE), StandardCharsets.UTF_8) + "]",
                "    volumeMounts: [{name: srv, mountPath: /srv}]",
                "    readinessProbe: {tcpSocket: {port: 4318}, periodSeconds: 1}",
                "volumes: [{name: srv, emptyDir: {}}]");
        var argument = "--otlp-endpoint=http://%s:4318/cgi-bin".formatted(collector.address());
        isExporting = true;
        var patch = List.of(Map.of("op", "add", "path", "/spec/template/spec/containers/0/args/-", "value", argument));
        namespace
                .cluster()
                .kubectl()
                .in("agenttier")
                .run("patch", DEPLOYMENT, "--type=json", "-p", new String(KubeApi.bytes(patch), StandardCharsets.UTF_8))
                .orThrow();
        namespace.cluster().awaitApiserver();
    }

    @AfterEach
    void stopExporting(TestNamespace namespace) {
        if (!isExporting) return;
        namespace
                .cluster()
                .kubectl()
                .in("agenttier")
                .run("rollout", "undo", DEPLOYMENT)
                .orThrow();
        namespace.cluster().awaitApiserver();
    }

    @Test
    void tellWhatBecameOfCallsAndNothingOfWhatTheyHeld(TestNamespace namespace) {
        var agents = Agents.ready(namespace);
        agents.configure(Map.of(
                "files", List.of(Map.of("path", "/workspace/agent.sh", "content", "# " + canary + "\ncat; exit 5\n")),
                "installCommand", List.of("echo", canary),
                "entrypoint", List.of("sh", "/workspace/agent.sh", canary)));
        var reply = namespace
                .api()
                .with("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                .call(
                        "POST",
                        agents.path("invoke"),
                        KubeApi.bytes(Map.of("args", List.of(canary), "stdin", canary)),
                        Agents.ENVELOPE);
        assertThat(reply.json().path("stdout").asText()).as(reply.toString()).isEqualTo(canary);

        var user = namespace
                .kubectl()
                .run("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
                .orThrow()
                .stdout();
        var actor = HexFormat.of().formatHex(Hashes.sha256().digest(user.getBytes(StandardCharsets.UTF_8)), 0, 4);
        var spans = Awaitility.await("spans of both calls")
                .atMost(Duration.ofSeconds(30))
                .until(
                        this::received,
                        text -> text.contains("agenttier.invoke") && text.contains("agenttier.configure"));
        assertThat(spans)
                .contains("apiserver.POST", namespace.name() + "/" + agents.sandbox(), "actor_hash", actor, "exit_code")
                .contains(new String(HexFormat.of().parseHex(TRACE), StandardCharsets.ISO_8859_1))
                .doesNotContain(canary)
                .doesNotContain(user);
    }

    /** All that has come, a character for each byte. */
    private String received() {
        var hex = collector
                .exec("sh", "-c", "cat /srv/spans/* 2>/dev/null | od -An -v -tx1 | tr -d ' \\n'")
                .orThrow()
                .stdout();
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}
