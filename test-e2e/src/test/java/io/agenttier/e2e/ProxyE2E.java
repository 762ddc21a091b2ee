package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi.Reply;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Command;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP and WebSocket with what listens in a sandbox, through kube-apiserver, and what kube-apiserver makes of them. */
@Tag("e2e")
@Timeout(300)
@ExtendWith(ClusterExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxyE2E {
    private static final int WEB = 7002;
    private static final int GARBAGE = 7003;
    private static final int HALF = 7004;
    private static final int NOBODY = 7005;
    private static final int UNDECLARED = 7006;
    private static final String PORTS =
            "ports: [{port: 7002}, {port: 7003}, {port: 7004}, {port: 7005, protocol: tcp}]";
    private static final String USER = "surfer";
    private static final int BYTES = 8 << 20;

    private String sandbox;
    private Process proxy;
    private String local;

    @BeforeAll
    void start(TestNamespace namespace) throws IOException {
        sandbox = namespace.apply("test-static", PORTS);
        namespace.awaitReady(sandbox);
        run(namespace, "web", "127.0.0.1:" + WEB);
        run(namespace, "web", "127.0.0.1:" + UNDECLARED);
        run(namespace, "say", "127.0.0.1:" + GARBAGE, "220 mail.example ESMTP\\r\\n");
        run(namespace, "say", "127.0.0.1:" + HALF, "HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nhalf");
        Awaitility.await("the web server")
                .atMost(Duration.ofSeconds(30))
                .until(() -> get(namespace, "/").code() == 200);
        proxy = Command.start(
                List.of("kubectl", "proxy", "--port=0"),
                Map.of("KUBECONFIG", namespace.cluster().kubeconfig().toString(), "PATH", System.getenv("PATH")));
        local = "http://127.0.0.1:"
                + proxy.inputReader(StandardCharsets.UTF_8).readLine().replaceAll(".*:", "");
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (proxy != null) {
            proxy.destroy();
            proxy.waitFor();
        }
    }

    private void run(TestNamespace namespace, String... command) {
        var all = new ArrayList<>(List.of("exec", sandbox, "--detach", "--", "/static"));
        all.addAll(List.of(command));
        namespace.kubectl().sandbox(all.toArray(new String[0])).orThrow();
    }

    private String path(TestNamespace namespace, int port, String rest) {
        return namespace.path(sandbox, "proxy/" + port + rest);
    }

    private Reply get(TestNamespace namespace, String rest) {
        return namespace.api().get(path(namespace, WEB, rest));
    }

    private JsonNode asked(TestNamespace namespace, String rest) {
        var reply = get(namespace, "/asked" + rest);
        assertThat(reply.code()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    /** By {@code kubectl proxy} and curl, which speaks HTTP as no library of ours does. */
    private String curl(TestNamespace namespace, String rest, String... options) {
        var all = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        all.addAll(List.of(options));
        all.add(local + path(namespace, WEB, rest));
        return Command.run(all.toArray(new String[0])).orThrow().stdout();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE"})
    void everyMethodArrivesWithItsBody(String method, TestNamespace namespace) {
        var body = method.equals("GET") ? null : "12345".getBytes(StandardCharsets.US_ASCII);
        var reply = namespace.api().call(method, path(namespace, WEB, "/a/b/"), body, "text/plain");
        assertThat(reply.text()).isEqualTo("%s /a/b/ with %d bytes\n".formatted(method, body == null ? 0 : 5));
        assertThat(reply.headers().get("AgentTier-Incarnation")).matches("[0-9a-f]{8}");
    }

    @Test
    void headTellsTheLength(TestNamespace namespace) {
        assertThat(curl(namespace, "/a", "-I")).contains("200 OK", "Content-Length: 21");
    }

    @Test
    void thePathArrivesAsKubeApiserverDecodesItAndTheQuerySorted(TestNamespace namespace) {
        assertThat(asked(namespace, "//a%2Fb%252F;x/?b=2&a=%20").get("target").asText())
                .isEqualTo("/asked//a/b%252F;x/?a=+&b=2");
        assertThat(namespace.api().get(namespace.path(sandbox, "proxy/" + WEB)).text())
                .isEqualTo("GET / with 0 bytes\n");
    }

    /** Whole dot segments never leave the client, whichever way they are written. */
    @Test
    void noPathLeadsOutOfThePort(TestNamespace namespace) {
        assertThat(get(namespace, "/a%2f..%2fb").code()).isEqualTo(400);
    }

    @Test
    void noCredentialReachesThePort(TestNamespace namespace) {
        var reply = namespace
                .api()
                .with("Cookie", "session=secret")
                .with("X-Remote-User", "secret")
                .with("X-Forwarded-User", "secret")
                .with("X-Own", "1")
                .get(path(namespace, WEB, "/asked"));
        assertThat(reply.text()).doesNotContain("secret");
        var asked = reply.json();
        assertThat(asked.get("host").asText()).isEqualTo("localhost:" + WEB);
        assertThat(asked.at("/headers/X-Own/0").asText()).isEqualTo("1");
        assertThat(asked.at("/headers/X-Forwarded-Prefix/0").asText())
                .isEqualTo(namespace.path(sandbox, "proxy/" + WEB));
        assertThat(asked.get("headers").has("Authorization")).isFalse();
        assertThat(asked.get("headers").has("Audit-Id")).isFalse();
    }

    @Test
    void anEventArrivesBeforeTheAnswerEnds(TestNamespace namespace) throws Exception {
        try (var response = namespace.api().open("GET", path(namespace, WEB, "/events"), null, null);
                var events = new BufferedReader(
                        new InputStreamReader(response.body().byteStream(), StandardCharsets.UTF_8))) {
            assertThat(events.readLine()).isEqualTo("data: first");
            assertThat(events.readLine()).isEmpty();
            namespace.api().call("POST", path(namespace, WEB, "/release"), null, null);
            assertThat(events.readLine()).isEqualTo("data: second");
            assertThat(events.readLine()).isEmpty();
            assertThat(events.readLine()).isNull();
        }
    }

    @Test
    void trailersArrive(TestNamespace namespace) throws Exception {
        try (var response = namespace.api().open("GET", path(namespace, WEB, "/trailers"), null, null)) {
            assertThat(response.body().string()).isEqualTo("body\n");
            assertThat(response.trailers().get("X-Sum")).isEqualTo("7");
        }
    }

    @Test
    void aChunkedUploadArrivesWhole(TestNamespace namespace, @TempDir Path folder) throws Exception {
        var file = Files.write(folder.resolve("file"), new byte[BYTES]);
        assertThat(curl(namespace, "/up", "-T", file.toString(), "-H", "Transfer-Encoding: chunked"))
                .isEqualTo("PUT /up with %d bytes\n".formatted(BYTES));
        assertThat(curl(namespace, "/up", "-T", file.toString(), "-H", "Expect: 100-continue"))
                .isEqualTo("PUT /up with %d bytes\n".formatted(BYTES));
    }

    @Test
    void aWebSocketIsCarriedWithItsOwnSubProtocol(TestNamespace namespace) throws Exception {
        var socket = new RawSocket();
        var client = namespace.api().socket(path(namespace, WEB, "/echo"), "echo", socket);
        assertThat(socket.answer().code()).as(socket.refusal()).isEqualTo(101);
        assertThat(socket.answer().header("Sec-WebSocket-Protocol")).isEqualTo("echo");
        client.send(RawSocket.message(1, "there "));
        client.send(RawSocket.message(1, "and back".repeat(1000)));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> socket.text(1).equals("there " + "and back".repeat(1000)));
        client.close(1000, "done");
        assertThat(socket.closeCode()).isEqualTo(1000);
    }

    @Test
    void theRightToGetAloneOpensNoWebSocket(TestNamespace namespace) throws Exception {
        allow(namespace, "get");
        var api = namespace.api().as(USER);
        Awaitility.await("the right")
                .atMost(Duration.ofSeconds(60))
                .until(() -> api.get(path(namespace, WEB, "/a")).code() == 200);
        var socket = new RawSocket();
        var client = api.socket(path(namespace, WEB, "/echo"), "echo", socket);
        assertThat(socket.answer().code()).isEqualTo(403);
        assertThat(socket.refusal()).contains("cannot create resource", "sandboxes/proxy");
        client.cancel();
        assertThat(api.call("POST", path(namespace, WEB, "/a"), null, null).code())
                .isEqualTo(403);
        assertThat(api.call("DELETE", path(namespace, WEB, "/a"), null, null).code())
                .isEqualTo(403);
    }

    private static void allow(TestNamespace namespace, String verbs) {
        var admin = namespace.kubectl();
        admin.run("create", "role", "proxy", "--verb=" + verbs, "--resource=sandboxes.agenttier.io/proxy")
                .orThrow();
        admin.run("create", "rolebinding", "proxy", "--role=proxy", "--user=" + USER)
                .orThrow();
    }

    @ParameterizedTest
    @CsvSource({
        UNDECLARED + "/, 404, is not declared",
        NOBODY + "/, 502, nothing listens on port",
        "9000/, 400, daemon",
        "0/, 400, expected a number",
        "10.0.0.1:80/, 400, expected a number",
        "localhost/, 400, expected a number",
        GARBAGE + "/, 502, no answer of HTTP/1.1"
    })
    void whatCannotBeServedIsAStatus(String rest, int code, String message, TestNamespace namespace) {
        var reply = namespace.api().get(namespace.path(sandbox, "proxy/" + rest));
        assertThat(reply.code()).as(reply.text()).isEqualTo(code);
        assertThat(reply.text()).contains("\"kind\":\"Status\"", message);
        assertThat(reply.headers().get("AgentTier-Incarnation")).isNull();
    }

    @Test
    void nobodyTakesAPartOfAnAnswerForTheWhole(TestNamespace namespace) {
        assertThatThrownBy(() -> namespace.api().get(path(namespace, HALF, "/")))
                .isInstanceOf(Exception.class);
    }

    @Test
    void aStoppedSandboxIsAConflict(TestNamespace namespace) {
        var stopped = namespace.apply("test-static", PORTS, "powerState: Stopped");
        namespace.awaitPhase(stopped, "Stopped");
        var reply = namespace.api().get(namespace.path(stopped, "proxy/" + WEB + "/"));
        assertThat(reply.code()).isEqualTo(409);
        assertThat(reply.text()).contains("proxy needs Running");
    }

    @Test
    void kubeApiserverRefusesRedirectsAndOptionsAndRewritesHtml(TestNamespace namespace) {
        assertThat(get(namespace, "/redirects").code()).isEqualTo(502);
        var html = get(namespace, "/html");
        assertThat(html.code()).isEqualTo(200);
        assertThat(html.text()).contains("href=\"near\"").doesNotContain("href=\"/root\"");
        assertThat(html.headers().get("Access-Control-Allow-Origin")).isNull();
        assertThat(html.headers().get("Set-Cookie")).isNull();
        assertThat(html.headers().get("Content-Security-Policy")).isEqualTo("sandbox");
        assertThat(namespace
                        .api()
                        .as("nobody-" + sandbox)
                        .call("OPTIONS", path(namespace, WEB, "/"), null, null)
                        .code())
                .isEqualTo(403);
    }
}
