package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.e2e.client.Hashes;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports of a sandbox, reached through kube-apiserver: {@code portforward} and {@code kubectl sandbox port-forward}. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PortsE2E {
    private static final int BYTES = 16 << 20;
    private static final int ECHO = 7001;
    private static final int WEB = 7002;
    private static final int OWN_ADDRESS_ONLY = 7003;
    private static final int NOBODY = 7999;
    private static final String USER = "forwarder";

    private final List<Process> forwarding = new ArrayList<>();
    private String sandbox;

    @BeforeAll
    void start(TestNamespace namespace) {
        sandbox = namespace.apply("test-static");
        namespace.awaitReady(sandbox);
        var address = namespace
                .kubectl()
                .run("get", "pods", "-l", "agenttier.io/sandbox=" + sandbox, "-o", "jsonpath={.items[0].status.podIP}")
                .orThrow()
                .stdout();
        run(namespace, "listen", "127.0.0.1:" + ECHO);
        run(namespace, "web", "127.0.0.1:" + WEB);
        run(namespace, "listen", address + ":" + OWN_ADDRESS_ONLY);
        for (int port : List.of(ECHO, WEB, OWN_ADDRESS_ONLY)) {
            Awaitility.await("port " + port)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> answer(namespace, Integer.toString(port)).code() == 101);
        }
    }

    private void run(TestNamespace namespace, String what, String address) {
        namespace
                .kubectl()
                .sandbox("exec", sandbox, "--detach", "--", "/static", what, address)
                .orThrow();
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (var process : forwarding) {
            process.destroy();
            process.waitFor();
        }
        forwarding.clear();
    }

    /** Begins {@code port-forward} to a free port here, and returns that. */
    private int forward(TestNamespace namespace, int port) throws IOException {
        var process = Command.start(
                List.of("kubectl", "sandbox", "port-forward", "--namespace=" + namespace.name(), sandbox, ":" + port),
                Map.of(
                        "KUBECONFIG",
                        namespace.cluster().kubeconfig().toString(),
                        "PATH",
                        Path.of("build/bin").toAbsolutePath() + ":" + System.getenv("PATH")));
        forwarding.add(process);
        var line = process.inputReader(StandardCharsets.UTF_8).readLine();
        assertThat(line).startsWith("Forwarding from 127.0.0.1:").endsWith(" -> " + port);
        return Integer.parseInt(line.replaceAll(".*:([0-9]+) -> .*", "$1"));
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    /**
     * How the handshake was answered.
     *
     * @param text body of a refusal
     */
    private record Answer(int code, String text) {}

    private Answer answer(TestNamespace namespace, String port) throws Exception {
        return answer(namespace, "", port);
    }

    private Answer answer(TestNamespace namespace, String user, String port) throws Exception {
        var socket = new RawSocket();
        var api = user.isEmpty() ? namespace.api() : namespace.api().as(user);
        var sent = api.socket(namespace.path(sandbox, "portforward?port=" + port), "v5.channel.k8s.io", socket);
        try {
            return new Answer(socket.answer().code(), socket.refusal());
        } finally {
            sent.cancel();
        }
    }

    @Test
    void sixteenMebibytesGoThereAndBackAndEachEndIsToldByItself(TestNamespace namespace) throws Exception {
        var random = new byte[BYTES];
        new Random(17).nextBytes(random);
        try (var socket = connect(forward(namespace, ECHO))) {
            var written = CompletableFuture.runAsync(
                    () -> {
                        try {
                            socket.getOutputStream().write(random);
                            socket.shutdownOutput();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> Thread.ofVirtual().start(task));
            var got = socket.getInputStream().readAllBytes();
            written.join();
            assertThat(Hashes.sha256().digest(Arrays.copyOf(got, BYTES)))
                    .isEqualTo(Hashes.sha256().digest(random));
            assertThat(new String(got, BYTES, got.length - BYTES, StandardCharsets.UTF_8))
                    .isEqualTo("end of " + BYTES);
        }
    }

    @Test
    void aForwardedPortServesManyConnectionsAtOnce(TestNamespace namespace) throws Exception {
        int port = forward(namespace, ECHO);
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 20; i++) sockets.add(connect(port));
            for (var socket : sockets) socket.getOutputStream().write(socket.getLocalPort() >> 8);
            for (var socket : sockets) {
                assertThat(socket.getInputStream().read()).isEqualTo(socket.getLocalPort() >> 8);
            }
        } finally {
            for (var socket : sockets) socket.close();
        }
    }

    @Test
    void curlReachesAWebServerOfTheSandbox(TestNamespace namespace) throws Exception {
        int port = forward(namespace, WEB);
        assertThat(Command.run(
                                "curl",
                                "-sS",
                                "--max-time",
                                "60",
                                "-d",
                                "12345",
                                "http://127.0.0.1:%d/a/b".formatted(port))
                        .orThrow()
                        .stdout())
                .isEqualTo("POST /a/b with 5 bytes\n");
    }

    @Test
    void whatListensAtThePodsOwnAddressIsReachedToo(TestNamespace namespace) throws Exception {
        try (var socket = connect(forward(namespace, OWN_ADDRESS_ONLY))) {
            socket.getOutputStream().write("own".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("ownend of 3");
        }
    }

    @Test
    void whereNothingListensEachConnectionIsToldAndTheForwardGoesOn(TestNamespace namespace) throws Exception {
        int port = forward(namespace, NOBODY);
        try (BufferedReader errors = forwarding.getLast().errorReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < 2; i++) {
                connect(port).close();
                assertThat(errors.readLine())
                        .contains(
                                "connection to port 7999 of " + sandbox, "nothing listens on port 7999 of the sandbox");
            }
        }
        assertThat(forwarding.getLast().isAlive()).isTrue();
    }

    @Test
    void whereNothingListensTheAnswerIsAStatusAndNo101(TestNamespace namespace) throws Exception {
        var answer = answer(namespace, "" + NOBODY);
        assertThat(answer.code()).isEqualTo(502);
        assertThat(answer.text()).contains("\"reason\":\"BadGateway\"", "nothing listens on port 7999 of the sandbox");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9000",
                "0",
                "65536",
                "http",
                "10.0.0.1:80",
                "localhost:80",
                "80@10.0.0.1",
                "",
                "7001%26host=10.0.0.1"
            })
    void nothingButAPortOfTheSandboxIsReached(String port, TestNamespace namespace) throws Exception {
        var answer = answer(namespace, port);
        assertThat(answer.code()).isEqualTo(400);
        assertThat(answer.text()).contains("\"reason\":\"BadRequest\"");
    }

    @Test
    void theRightToGetAloneConnectsNobody(TestNamespace namespace) throws Exception {
        allow(namespace, "get");
        var answer = answer(namespace, USER, "" + ECHO);
        assertThat(answer.code()).isEqualTo(403);
        assertThat(answer.text()).contains("cannot create resource", "sandboxes/portforward");
        allow(namespace, "get,create");
        Awaitility.await("the new right")
                .atMost(Duration.ofSeconds(60))
                .until(() -> answer(namespace, USER, "" + ECHO).code() == 101);
    }

    private static void allow(TestNamespace namespace, String verbs) {
        var admin = namespace.kubectl();
        admin.run("delete", "role,rolebinding", "forward", "--ignore-not-found").orThrow();
        admin.run("create", "role", "forward", "--verb=" + verbs, "--resource=sandboxes.agenttier.io/portforward")
                .orThrow();
        admin.run("create", "rolebinding", "forward", "--role=forward", "--user=" + USER)
                .orThrow();
    }
}
