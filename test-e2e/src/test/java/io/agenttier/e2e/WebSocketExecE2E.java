package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agenttier.e2e.client.ForeignClients;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import io.kubernetes.client.openapi.Pair;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.WebSocketStreamHandler;
import io.kubernetes.client.util.WebSockets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** exec and attach by WebSocket, through kube-apiserver, with clients that others wrote. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebSocketExecE2E {
    private static final int BYTES = Size.of(8 << 20, 64 << 20);
    private static final String V5 = "v5.channel.k8s.io";

    private String sandbox;

    @BeforeAll
    void start(TestNamespace namespace) {
        sandbox = namespace.ready();
    }

    private static byte[] random() {
        var bytes = new byte[BYTES];
        new Random(11).nextBytes(bytes);
        return bytes;
    }

    @Test
    void clientGoGetsItsBytesBack(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var stdin = Files.write(folder.resolve("in"), random());
        var stdout = folder.resolve("out");
        var stderr = folder.resolve("err");
        int code = ForeignClients.remotecommand(
                namespace.cluster().kubeconfig(),
                namespace.path(sandbox, "exec"),
                List.of("sh", "-c", "cat; echo done >&2; exit 42"),
                stdin,
                stdout,
                stderr);
        assertThat(Files.readString(stderr)).isEqualTo("done\n");
        assertThat(code).isEqualTo(42);
        assertThat(Files.mismatch(stdin, stdout)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"exit 0,0", "exit 1,1", "exit 255,255", "kill -9 $$,137", "kill -TERM $$,143"})
    void clientGoGetsTheExitCode(String script, int code, TestNamespace namespace, @TempDir Path folder)
            throws Exception {
        assertThat(remotecommand(namespace, folder, "sh", "-c", script)).isEqualTo(code);
    }

    @Test
    void clientGoGetsTheCodesOfWhatCannotBeStarted(TestNamespace namespace, @TempDir Path folder) throws Exception {
        assertThat(remotecommand(namespace, folder, "no-such-program")).isEqualTo(127);
        assertThat(remotecommand(namespace, folder, "/tmp")).isEqualTo(126);
    }

    private int remotecommand(TestNamespace namespace, Path folder, String... argv) throws Exception {
        var empty = Files.write(folder.resolve("empty"), new byte[0]);
        return ForeignClients.remotecommand(
                namespace.cluster().kubeconfig(),
                namespace.path(sandbox, "exec"),
                List.of(argv),
                empty,
                folder.resolve("out"),
                folder.resolve("err"));
    }

    @Test
    void pythonGetsItsBytesBack(TestNamespace namespace) throws IOException {
        var outcome = ForeignClients.wsclient(
                        namespace.cluster().kubeconfig(),
                        namespace.path(sandbox, "exec"),
                        BYTES,
                        List.of("sh", "-c", "cat; echo done >&2; exit 7"))
                .orThrow();
        var told = new ObjectMapper().readTree(outcome.stdout());
        assertThat(told.get("protocol").asText()).isEqualTo(V5);
        assertThat(told.get("bytes").asInt()).isEqualTo(BYTES);
        assertThat(told.get("stdout").asText()).isEqualTo(told.get("sent").asText());
        assertThat(told.get("stderr").asText()).isEqualTo("done\n");
        assertThat(told.get("returncode").asInt()).isEqualTo(7);
    }

    @Test
    void theJavaClientGetsItsBytesBack(TestNamespace namespace) throws Exception {
        var random = random();
        try (var handler = new WebSocketStreamHandler();
                var reader = Files.newBufferedReader(namespace.cluster().kubeconfig())) {
            var client =
                    ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)).build();
            var out = read(handler.getInputStream(1));
            var status = read(handler.getInputStream(3));
            WebSockets.stream(
                    namespace.path(sandbox, "exec"),
                    "GET",
                    List.of(
                            new Pair("command", "head"),
                            new Pair("command", "-c"),
                            new Pair("command", Integer.toString(random.length)),
                            new Pair("stdin", "true"),
                            new Pair("stdout", "true")),
                    client,
                    handler);
            handler.waitForInitialized();
            try (var stdin = handler.getOutputStream(0)) {
                for (int done = 0; done < random.length; done += 1 << 16) {
                    stdin.write(random, done, 1 << 16);
                }
                stdin.flush();
                assertThat(out.join()).isEqualTo(random);
                assertThat(new String(status.join(), StandardCharsets.UTF_8)).contains("\"Success\"");
            }
        }
    }

    private static CompletableFuture<byte[]> read(InputStream in) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return in.readAllBytes();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    @Test
    void tellsProcessAndEnd(TestNamespace namespace) throws Exception {
        var socket = new RawSocket();
        namespace.api().socket(namespace.path(sandbox, "exec?command=echo&command=hi&stdout=true"), V5, socket);
        var answer = socket.answer();
        assertThat(answer.code()).isEqualTo(101);
        assertThat(answer.header("Sec-WebSocket-Protocol")).isEqualTo(V5);
        assertThat(answer.header("AgentTier-Process")).startsWith("exec-");
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(socket.text(1)).isEqualTo("hi\n");
        assertThat(socket.text(3)).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
    }

    @Test
    void hasATerminalOfTheSizeAskedFor(TestNamespace namespace) throws Exception {
        var socket = new RawSocket();
        var sent = namespace
                .api()
                .socket(
                        namespace.path(sandbox, "exec?command=sh&stdin=true&stdout=true&tty=true&cols=97&rows=31"),
                        "v4.channel.k8s.io",
                        socket);
        assertThat(socket.answer().header("Sec-WebSocket-Protocol")).isEqualTo("v4.channel.k8s.io");
        sent.send(RawSocket.message(0, "stty size\n"));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> socket.text(1).contains("31 97\r\n"));
        sent.send(RawSocket.message(4, "{\"Width\":55,\"Height\":22}"));
        sent.send(RawSocket.message(0, "stty size; exit 5\n"));
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(socket.text(1)).contains("22 55\r\n");
        assertThat(socket.text(3)).contains("\"NonZeroExitCode\"", "\"message\":\"5\"");
    }

    @Test
    void joinsAProcessThatWasStartedDetached(TestNamespace namespace) throws Exception {
        var started = namespace
                .api()
                .post(
                        namespace.path(sandbox, "exec"),
                        Map.of("script", "echo early; cat", "detach", true, "openStdin", true));
        assertThat(started.code()).as(started.text()).isEqualTo(202);
        var id = started.json().get("process").asText();
        var socket = new RawSocket();
        var sent = namespace
                .api()
                .socket(namespace.path(sandbox, "attach?process=" + id + "&stdin=true&offset=3"), V5, socket);
        assertThat(socket.answer().header("AgentTier-Stdin-Offset")).isEqualTo("0");
        var second = new RawSocket();
        namespace.api().socket(namespace.path(sandbox, "attach?process=" + id + "&stdin=true"), V5, second);
        assertThat(second.answer().code()).isEqualTo(409);
        sent.send(RawSocket.message(0, "late"));
        sent.send(RawSocket.message(255, "\0"));
        assertThat(socket.closeCode()).isEqualTo(1000);
        assertThat(socket.text(1)).isEqualTo("ly\nlate");
    }

    @Test
    void saysThatTheSandboxWasStopped(TestNamespace namespace) throws Exception {
        var stopped = namespace.ready();
        var socket = new RawSocket();
        namespace.api().socket(namespace.path(stopped, "exec?command=sleep&command=1000&stdout=true"), V5, socket);
        assertThat(socket.answer().code()).isEqualTo(101);
        namespace.api().post(namespace.path(stopped, "stop"), Map.of());
        assertThat(socket.closeCode()).isEqualTo(4001);
        assertThat(socket.closeReason()).isEqualTo("sandbox_stopped");
    }

    @Test
    void failsAsHttpBeforeItSwitches(TestNamespace namespace) throws Exception {
        var plain = namespace.api().get(namespace.path(sandbox, "exec?command=true&stdout=true"));
        assertThat(plain.code()).as(plain.text()).isEqualTo(400);
        assertThat(plain.json().get("message").asText()).contains(V5, "POST exec");
        assertThat(code(namespace, "no-such-sandbox", "exec?command=true&stdout=true", V5))
                .isEqualTo(404);
        assertThat(code(namespace, sandbox, "exec?stdout=true", V5)).isEqualTo(400);
        assertThat(code(namespace, sandbox, "exec?command=true&stdout=true", "SPDY/3.1"))
                .isEqualTo(400);
        assertThat(code(namespace, sandbox, "attach?process=exec-000000000000000000000000", V5))
                .isEqualTo(410);
        // without a process it is the shell of a session, which has to be one that can be
        assertThat(code(namespace, sandbox, "attach?session=..", V5)).isEqualTo(400);
    }

    private static int code(TestNamespace namespace, String sandbox, String call, String protocol) throws Exception {
        var socket = new RawSocket();
        namespace.api().socket(namespace.path(sandbox, call), protocol, socket);
        return socket.answer().code();
    }

    @Test
    void needsGetAndCreate(TestNamespace namespace) throws Exception {
        var kubectl = namespace.kubectl();
        for (var verb : List.of("get", "create")) {
            kubectl.run("create", "role", "ws-" + verb, "--verb=" + verb, "--resource=sandboxes.agenttier.io/exec")
                    .orThrow();
            kubectl.run("create", "rolebinding", "ws-" + verb, "--role=ws-" + verb, "--user=only-" + verb)
                    .orThrow();
            kubectl.run("create", "rolebinding", "ws-both-" + verb, "--role=ws-" + verb, "--user=both")
                    .orThrow();
        }
        var path = namespace.path(sandbox, "exec?command=true&stdout=true");
        for (var user : List.of("only-get", "only-create", "both")) {
            var socket = new RawSocket();
            namespace.api().as(user).socket(path, V5, socket);
            assertThat(socket.answer().code()).as(user).isEqualTo(user.equals("both") ? 101 : 403);
        }
    }
}
