package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.TestNamespace;
import io.kubernetes.client.PortForward.PortForwardResult;
import io.kubernetes.client.openapi.Pair;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.WebSocketStreamHandler;
import io.kubernetes.client.util.WebSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports of a sandbox by the port-forward that others wrote for pods, through kube-apiserver. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignPortForwardE2E {
    private static final int BYTES = 1 << 20;
    private static final int ECHO = 7001;
    private static final int NOBODY = 7999;
    private static final String ERROR = "error forwarding port 7999 to sandbox %s: nothing listens on port 7999";

    private String sandbox;

    @BeforeAll
    void start(TestNamespace namespace) {
        sandbox = namespace.apply("test-static");
        namespace.awaitReady(sandbox);
        namespace
                .kubectl()
                .sandbox("exec", sandbox, "--detach", "--", "/static", "listen", "127.0.0.1:" + ECHO)
                .orThrow();
        Awaitility.await("port " + ECHO)
                .atMost(Duration.ofSeconds(30))
                .until(() -> status(namespace, "port=" + ECHO, "v5.channel.k8s.io") == 101);
    }

    private int status(TestNamespace namespace, String query, String protocols) throws Exception {
        var socket = new RawSocket();
        var sent = namespace.api().socket(namespace.path(sandbox, "portforward?" + query), protocols, socket);
        try {
            return socket.answer().code();
        } finally {
            sent.cancel();
        }
    }

    @Test
    void pythonGetsItsBytesBackAndTheErrorOfAPortWhereNothingListens(TestNamespace namespace) throws IOException {
        var outcome = ForeignClients.portforward(
                        namespace.cluster().kubeconfig(), namespace.path(sandbox, "portforward"), ECHO, NOBODY, BYTES)
                .orThrow();
        var told = new ObjectMapper().readTree(outcome.stdout());
        assertThat(told.get("bytes").asInt()).isEqualTo(BYTES);
        assertThat(told.get("received").asText()).isEqualTo(told.get("sent").asText());
        assertThat(told.get("error").isNull()).isTrue();
        assertThat(told.get("bytesFromNobody").asInt()).isZero();
        assertThat(told.get("errorOfNobody").asText()).startsWith(ERROR.formatted(sandbox));
    }

    @Test
    void theJavaClientGetsItsBytesBackAndTheErrorOfAPortWhereNothingListens(TestNamespace namespace) throws Exception {
        var random = new byte[BYTES];
        new Random(19).nextBytes(random);
        try (var handler = new WebSocketStreamHandler();
                var reader = Files.newBufferedReader(namespace.cluster().kubeconfig())) {
            var client =
                    ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)).build();
            // what PortForward.forward does, whose path is that of a pod
            var result = new PortForwardResult(handler, List.of(ECHO, NOBODY));
            WebSockets.stream(
                    namespace.path(sandbox, "portforward"),
                    "GET",
                    List.of(new Pair("ports", "" + ECHO), new Pair("ports", "" + NOBODY)),
                    client,
                    handler);
            result.init();
            var written = CompletableFuture.runAsync(
                    () -> {
                        try {
                            result.getOutboundStream(ECHO).write(random);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> Thread.ofVirtual().start(task));
            assertThat(result.getInputStream(ECHO).readNBytes(BYTES)).isEqualTo(random);
            written.join();
            assertThat(errorOf(result.getErrorStream(NOBODY))).contains(ERROR.formatted(sandbox));
        }
    }

    /** What comes on an error channel until it names the port. */
    private static String errorOf(InputStream errors) throws IOException {
        assertThat(errors.readNBytes(2)).isEqualTo(new byte[] {(byte) NOBODY, (byte) (NOBODY >> 8)});
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (!text.toString().contains("port " + NOBODY + " of the sandbox")) {
            int count = errors.read(buffer);
            if (count < 0) {
                break;
            }
            text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    @Test
    void portsAreAskedForByOneOfTheTwoWays(TestNamespace namespace) throws Exception {
        assertThat(status(namespace, "ports=7001,7002", "v4.channel.k8s.io")).isEqualTo(101);
        assertThat(status(namespace, "ports=7001", "v5.channel.k8s.io")).isEqualTo(400);
        assertThat(status(namespace, "ports=7001&port=7001", "v4.channel.k8s.io"))
                .isEqualTo(400);
        assertThat(status(namespace, "ports=7001,9000", "v4.channel.k8s.io")).isEqualTo(400);
    }
}
