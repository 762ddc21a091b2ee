package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.controller.pki.Authority;
import io.agenttier.controller.pki.AuthoritySecret;
import io.agenttier.controller.pki.Leaf;
import io.agenttier.controller.pki.LeafSecret;
import io.agenttier.e2e.client.Exec;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.SseStream;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Certificates and their CA change under load, and no request fails. */
@Tag("disruptive")
@ExtendWith(ClusterExtension.class)
class RotationE2E {
    private static final int STREAMS = 20;
    private static final int SWAPS = 15;
    private static final Leaf SERVING = new Leaf.Serving("agenttier-apiserver.agenttier.svc");
    private static final List<String> UNTIL_OVER =
            List.of("sh", "-c", "until [ -e /tmp/over ]; do echo tick; sleep 0.2; done");

    private final SecureRandom random = new SecureRandom();

    @Test
    void noRequestFailsWhileTheServingCertificateChangesEverySecond(TestNamespace namespace, Cluster cluster)
            throws Exception {
        var sandbox = namespace.ready();
        var ca = AuthoritySecret.parse(secret(cluster, AuthoritySecret.NAME));
        underLoad(namespace, sandbox, dials -> {
            for (int i = 0; i < SWAPS; i++) {
                write(cluster, "agenttier-apiserver-tls", LeafSecret.create(SERVING, ca, Instant.now(), random));
                dials.await(dials.done() + 5);
            }
        });
    }

    @Test
    void noRequestFailsWhileTheCaChanges(TestNamespace namespace, Cluster cluster) throws Exception {
        var old = namespace.ready();
        var ca = AuthoritySecret.parse(secret(cluster, AuthoritySecret.NAME));
        // as made ten minutes ago but for some seconds, after which it may sign
        var settled = Instant.now().plusSeconds(90);
        var next = new AuthoritySecret(
                Authority.create(settled.minus(Duration.ofMinutes(10)), random), List.of(ca.authority()));
        underLoad(namespace, old, dials -> {
            write(cluster, AuthoritySecret.NAME, next.data());
            cluster.restartController();
            Awaitility.await("kube-apiserver is told of both")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> caBundle(cluster).equals(next.trustBundle()));
            Awaitility.await("it has settled")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> Instant.now().isAfter(settled));
            cluster.restartController();
            Awaitility.await("the new CA serves")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> isBy(cluster, next.authority()));
            dials.await(dials.done() + 20);
        });
        assertThat(Exec.json(namespace, old, "echo", "old").get("stdout").asText())
                .as("a pod that knows the old CA alone")
                .isEqualTo("old\n");
        var fresh = namespace.ready();
        assertThat(Exec.json(namespace, fresh, "echo", "new").get("stdout").asText())
                .isEqualTo("new\n");
    }

    private interface Change {
        void during(Dials dials) throws Exception;
    }

    /** Streams that stay open all the while, and calls that each need a connection of their own. */
    private static void underLoad(TestNamespace namespace, String sandbox, Change change) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var streams = new ArrayList<SseStream>();
            for (int i = 0; i < STREAMS; i++) {
                var stream = Exec.sse(namespace.api(), namespace, sandbox, Map.of("command", UNTIL_OVER));
                stream.await("log");
                streams.add(stream);
            }
            var ends = new ArrayList<Future<List<SseStream.Event>>>();
            streams.forEach(stream -> ends.add(threads.submit(stream::rest)));
            try (var dials = new Dials(namespace, sandbox)) {
                change.during(dials);
                assertThat(dials.failures()).isEmpty();
            }
            Exec.json(namespace, sandbox, "touch", "/tmp/over");
            for (var end : ends) {
                assertThat(end.get()).extracting(SseStream.Event::name).contains("exit");
            }
            streams.forEach(SseStream::close);
            Exec.json(namespace, sandbox, "rm", "/tmp/over");
        }
    }

    private static Map<String, String> secret(Cluster cluster, String name) {
        var data = new HashMap<String, String>();
        KubeApi.json(cluster.kubectl()
                        .in("agenttier")
                        .run("get", "secret", name, "-o", "json")
                        .orThrow()
                        .stdout())
                .get("data")
                .properties()
                .forEach(entry -> data.put(entry.getKey(), text(entry.getValue().asText())));
        return data;
    }

    private static void write(Cluster cluster, String name, Map<String, String> data) {
        var encoded = new HashMap<String, String>();
        data.forEach((key, value) ->
                encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        var patch = new String(KubeApi.bytes(Map.of("data", encoded)), StandardCharsets.UTF_8);
        cluster.kubectl()
                .in("agenttier")
                .run("patch", "secret", name, "--type=merge", "-p", patch)
                .orThrow();
    }

    private static String caBundle(Cluster cluster) {
        return text(cluster.kubectl()
                .run("get", "apiservice", "subresources-v1alpha1.agenttier.io", "-o", "jsonpath={.spec.caBundle}")
                .orThrow()
                .stdout());
    }

    private static boolean isBy(Cluster cluster, Authority authority) {
        try {
            LeafSecret.certificate(secret(cluster, "agenttier-apiserver-tls"))
                    .verify(authority.certificate().getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
