package io.agenttier.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.http.Certificates;
import io.agenttier.apiserver.http.PemText;
import io.agenttier.apiserver.http.RawClient;
import io.agenttier.apiserver.kube.FakeKube;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The whole program against a fake kube-apiserver. */
class ApiServerTest {
    private static final String SECRETS = "/api/v1/namespaces/agenttier/secrets";
    private static final String VERSION = "/apis/agenttier.io/subresources-v1alpha1";

    private final Certificates authority = new Certificates("serving-ca");
    private final Certificates proxyAuthority = new Certificates("front-proxy-ca");
    private final BlockingQueue<String> spans = new LinkedBlockingQueue<>();
    private HttpServer collector;
    private FakeKube kube;
    private ApiServer server;

    @BeforeEach
    void start() throws Exception {
        kube = new FakeKube();
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                spans.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        collector.start();
        var config = ServerConfig.parse(List.of(
                "--port=0",
                "--admission-port=0",
                "--namespace=agenttier",
                "--shutdown-delay=0s",
                "--otlp-endpoint=http://127.0.0.1:" + collector.getAddress().getPort()));
        server = new ApiServer(config, kube.connection(), InstantSource.system());
        Thread.ofVirtual().start(() -> {
            try {
                server.start();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() {
        server.stop();
        collector.stop(0);
        kube.close();
    }

    private void putPair(String name, Certificates.Pair pair) {
        kube.put(
                SECRETS,
                name,
                Map.of(
                        "data",
                        Map.of(
                                "tls.crt", FakeKube.base64(PemText.of(pair.chain())),
                                "tls.key", FakeKube.base64(PemText.keyOf(pair)),
                                "ca.crt", FakeKube.base64(PemText.of(List.of(authority.authority()))))));
    }

    private void putTrust() {
        putTrust(proxyAuthority);
    }

    private void putTrust(Certificates... proxyAuthorities) {
        kube.put(
                "/api/v1/namespaces/kube-system/configmaps",
                "extension-apiserver-authentication",
                Map.of(
                        "data",
                        Map.of(
                                "requestheader-client-ca-file",
                                        PemText.of(Arrays.stream(proxyAuthorities)
                                                .map(Certificates::authority)
                                                .toList()),
                                "requestheader-allowed-names", "[\"front-proxy-client\"]",
                                "requestheader-username-headers", "[\"X-Remote-User\"]",
                                "requestheader-group-headers", "[\"X-Remote-Group\"]",
                                "requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]",
                                "client-ca-file", "")));
    }

    private void bringUp() {
        putPair("agenttier-apiserver-tls", authority.server(RawClient.SERVER_NAME));
        putPair("agenttier-admission-tls", authority.server(RawClient.SERVER_NAME));
        putPair("agenttier-apiserver-signer", authority.client("CN=signer"));
        putTrust();
        await().until(() -> server.port() > 0 && server.isReady());
    }

    private RawClient proxy() throws Exception {
        return new RawClient(server.port(), authority.authority(), proxyAuthority.client("CN=front-proxy-client"));
    }

    @Test
    void becomesReadyOnceEverythingWasLoadedAndNotBefore() throws Exception {
        putPair("agenttier-apiserver-tls", authority.server(RawClient.SERVER_NAME));
        putPair("agenttier-admission-tls", authority.server(RawClient.SERVER_NAME));
        await().until(() -> server.port() > 0);
        try (var client = new RawClient(server.port(), authority.authority(), null)) {
            await().untilAsserted(() -> assertThat(client.call("GET", "/readyz").text())
                    .contains(
                            "[+]serving-certificate ok",
                            "[-]signer failed",
                            "[-]identity-trust failed",
                            "[+]sandboxes ok"));
            assertThat(client.call("GET", "/livez").status()).isEqualTo(200);
            putPair("agenttier-apiserver-signer", authority.client("CN=signer"));
            putTrust();
            await().untilAsserted(() ->
                    assertThat(client.call("GET", "/readyz").status()).isEqualTo(200));
        }
    }

    @Test
    void servesWhatKubeApiserverAsksForAndEveryKnownSubresource() throws Exception {
        bringUp();
        try (var client = proxy()) {
            var availability = client.call(
                    "GET", VERSION, "X-Remote-User: system:kube-aggregator", "X-Remote-Group: system:masters");
            assertThat(availability.status()).isEqualTo(200);
            assertThat(availability.text())
                    .contains(
                            "\"sandboxes/exec\"", "\"sandboxes/log\"", "\"sandboxes/processes\"", "\"sandboxes/files\"")
                    .contains("\"sandboxes/stop\"", "\"sandboxes/resume\"");
            assertThat(client.call("GET", "/openapi/v2", "X-Remote-User: system:aggregator")
                            .status())
                    .isEqualTo(200);
            assertThat(client.call("GET", "/openapi/v3", "X-Remote-User: system:aggregator")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void asksKubeApiserverForTheRightAndRefusesWithoutIt() throws Exception {
        bringUp();
        kube.reviewer = _ -> Map.of("allowed", false);
        try (var client = proxy()) {
            var answer = client.callWithBody(
                    "POST",
                    VERSION + "/namespaces/team1/sandboxes/web/exec",
                    "{\"command\":[\"true\"]}",
                    "X-Remote-User: bob");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(Json.object(answer.body()))
                    .containsEntry(
                            "message",
                            "sandboxes.agenttier.io \"web\" is forbidden: User \"bob\" cannot create resource \"sandboxes/exec\" in API "
                                    + "group \"agenttier.io\" in the namespace \"team1\"");
        }
    }

    @Test
    void answers404ForASandboxThatDoesNotExist() throws Exception {
        bringUp();
        try (var client = proxy()) {
            var answer = client.callWithBody(
                    "POST",
                    VERSION + "/namespaces/team1/sandboxes/web/exec",
                    "{\"command\":[\"true\"]}",
                    "X-Remote-User: bob");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).contains("\"kind\":\"Status\"", "\"name\":\"web\"");
        }
    }

    @Test
    void takesANewCertificateWithoutARestart() throws Exception {
        bringUp();
        var next = authority.server(RawClient.SERVER_NAME);
        putPair("agenttier-apiserver-tls", next);
        await().untilAsserted(() -> {
            try (var client = proxy()) {
                assertThat(client.socket().getSession().getPeerCertificates()[0])
                        .isEqualTo(next.chain().getFirst());
            }
        });
    }

    @Test
    void takesTheFrontProxyThroughAChangeOfItsCa() throws Exception {
        bringUp();
        var next = new Certificates("next-front-proxy-ca");
        try (var before = proxy();
                var after = new RawClient(server.port(), authority.authority(), next.client("CN=front-proxy-client"))) {
            assertThat(status(after)).as("not trusted yet").isEqualTo(401);
            putTrust(proxyAuthority, next);
            await().until(() -> status(after) == 200);
            assertThat(status(before)).as("while both are").isEqualTo(200);
            putTrust(next);
            await().until(() -> status(before) == 401);
            assertThat(status(after)).as("on the connection it has").isEqualTo(200);
        }
    }

    private static int status(RawClient client) throws IOException {
        return client.call("GET", VERSION, "X-Remote-User: a", "X-Remote-Group: system:masters")
                .status();
    }

    @Test
    void saysInLogAndMetricThatACertificateIsOutsideItsTimeAndTakesTheNext() throws Exception {
        bringUp();
        var logger = (Logger) LoggerFactory.getLogger(ApiServer.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        try (var client = proxy()) {
            var ended = authority.expiredServer(RawClient.SERVER_NAME);
            putPair("agenttier-apiserver-tls", ended);
            var expiry = "agenttier_certificate_expiry_seconds{name=\"serving\",} ";
            await().until(() -> expiry(client, expiry) < Instant.now().getEpochSecond());
            assertThat(lines.list)
                    .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("outside its time"));
            putPair("agenttier-apiserver-tls", authority.server(RawClient.SERVER_NAME));
            await().until(() -> expiry(client, expiry) > Instant.now().getEpochSecond());
        } finally {
            logger.detachAppender(lines);
        }
        try (var client = proxy()) {
            assertThat(status(client)).isEqualTo(200);
        }
    }

    private static double expiry(RawClient client, String series) throws IOException {
        var metrics = client.call("GET", "/metrics", "X-Remote-User: a", "X-Remote-Group: system:masters")
                .text();
        return Double.parseDouble(metrics.lines()
                .filter(line -> line.startsWith(series))
                .findFirst()
                .orElseThrow()
                .substring(series.length()));
    }

    @Test
    void staysReadyWithoutKubeApiserver() throws Exception {
        bringUp();
        kube.close();
        try (var client = proxy()) {
            assertThat(client.call("GET", "/readyz").status()).isEqualTo(200);
            assertThat(client.call("GET", VERSION, "X-Remote-User: a", "X-Remote-Group: system:masters")
                            .status())
                    .isEqualTo(200);
            assertThat(client.call("GET", "/metrics", "X-Remote-User: a").status())
                    .isEqualTo(500);
        }
    }

    @Test
    void answersReviewsOnAPortOfTheirOwn() throws Exception {
        bringUp();
        var review = """
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "u", "operation": "CREATE", \
                "namespace": "team", "userInfo": {"username": "eve"}, "object": {"spec": {}}}}""";
        try (var client = new RawClient(server.admissionPort(), authority.authority(), null)) {
            var answer = client.callWithBody("POST", "/mutate-sandbox?timeout=10s", review);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("\"uid\":\"u\",\"allowed\":true,\"patchType\":\"JSONPatch\"");
            assertThat(client.call("GET", "/metrics").status()).isEqualTo(404);
        }
        try (var client = proxy()) {
            assertThat(client.callWithBody("POST", "/mutate-sandbox", review, "X-Remote-User: a")
                            .status())
                    .as("not on the port of the API")
                    .isEqualTo(404);
        }
    }

    @Test
    void sendsTheSpansOfItsCallsBeforeItHasStopped() throws Exception {
        bringUp();
        try (var client = proxy()) {
            client.call("GET", VERSION + "/namespaces/team1/sandboxes/web/log", "X-Remote-User: bob");
        }
        server.stop();
        assertThat(spans).singleElement().asString().contains("apiserver.GET", "agenttier-apiserver", "log");
    }

    @Test
    void stopsListening() throws Exception {
        bringUp();
        int port = server.port();
        server.stop();
        assertThat(server.isReady()).isFalse();
        assertThatThrownBy(() -> new RawClient(port, authority.authority(), null))
                .isInstanceOf(IOException.class);
    }
}
