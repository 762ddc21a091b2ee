package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.codec.Json;
import io.agenttier.apiserver.http.WebSocketPeer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request, from the wire to the answer. */
class PipelineTest {
    private static final String EXEC = Aggregator.path("namespaces/team1/sandboxes/web/exec");

    private final Echo exec = new Echo("exec", "POST");
    private final Echo files = new Echo("files", "GET", "PUT");
    private final Echo proxy = Echo.deep("proxy", "GET", "POST", "OPTIONS");
    private Aggregator kube;

    @BeforeEach
    void start() throws Exception {
        kube = new Aggregator(exec, files, proxy);
    }

    @AfterEach
    void stop() {
        kube.close();
    }

    @Test
    void servesACallWithDecodedPathAndQuery() throws Exception {
        var answer =
                kube.as("alice", "PUT", Aggregator.path("namespaces/team1/sandboxes/web/files?path=%2Fa+b&x=1&x=2&y"));
        assertThat(answer.text()).isEqualTo("alice PUT team1/web");
        var call = files.calls.remove();
        assertThat(call.parameter("path")).contains("/a b");
        assertThat(call.query().get("x")).containsExactly("1", "2");
        assertThat(call.parameter("y")).contains("");
    }

    @Test
    void leavesPathAndQueryToASubresourceThatOwnsThem() throws Exception {
        var target = "/8080/a//b%2Fc/?x=%e9&y=a+b&timeout";
        assertThat(kube.as(
                                "alice",
                                "GET",
                                Aggregator.path("namespaces/team1/sandboxes/web/proxy" + target),
                                "X-Forwarded-For: 192.0.2.7")
                        .status())
                .isEqualTo(200);
        var call = proxy.calls.remove();
        assertThat(call.rest()).isEqualTo("/8080/a//b%2Fc/");
        assertThat(call.rawQuery()).isEqualTo("x=%e9&y=a+b&timeout");
        assertThat(call.query()).isEmpty();
        assertThat(call.origin()).isEqualTo(new Origin(List.of("192.0.2.7"), ""));
    }

    @Test
    void asksForTheRightToASubresourceWhateverIsBelowIt() throws Exception {
        kube.rights = (_, attributes) -> attributes instanceof Attributes.Resource resource
                && resource.subresource().equals("exec");
        assertThat(kube.as("alice", "GET", Aggregator.path("namespaces/team1/sandboxes/web/proxy/8080/exec"))
                        .status())
                .isEqualTo(403);
        assertThat(proxy.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "namespaces/team1/sandboxes/foo/../bar/exec",
                "namespaces/team1/sandboxes/foo/exec/%2e%2e/%2e%2e/bar/exec",
                "namespaces/team1/sandboxes/./web/exec",
                "namespaces//sandboxes/web/exec",
                "namespaces/team1/sandboxes/web/exec/",
                "namespaces/team1/sandboxes/a%2Fb/exec",
                "namespaces/team1/sandboxes/a%2fexec",
                "namespaces/team1/sandboxes/%00/exec",
                "namespaces/team1/sandboxes/%zz/exec",
                "namespaces/team1/sandboxes/%c3/exec",
                "namespaces/team1/sandboxes/%0a/exec",
                "namespaces/team1/sandboxes/web%/exec",
                "namespaces/team1/sandboxes/web/exec?a=%zz",
            })
    void refusesPathsThatCouldBeReadDifferently(String path) throws Exception {
        var answer = kube.as("alice", "POST", Aggregator.path(path));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("\"reason\":\"BadRequest\"");
        assertThat(kube.reviews).hasValue(0);
        assertThat(exec.calls).isEmpty();
    }

    @Test
    void keepsWhatOnlyLooksEncodedOrLikeAParameter() throws Exception {
        assertThat(kube.as("alice", "POST", Aggregator.path("namespaces/t/sandboxes/%252F/exec"))
                        .text())
                .endsWith("t/%2F");
        assertThat(kube.as("alice", "POST", Aggregator.path("namespaces/t/sandboxes/a;x/exec"))
                        .text())
                .endsWith("t/a;x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://other/apis/agenttier.io/subresources-v1alpha1/namespaces/a/sandboxes/b/exec",
                "*",
                "apis"
            })
    void refusesTargetsThatAreNoPath(String target) throws Exception {
        assertThat(kube.as("alice", "POST", target).status()).isEqualTo(400);
        assertThat(exec.calls).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "POST,exec,create",
        "GET,exec,get",
        "HEAD,exec,get",
        "PUT,exec,update",
        "PATCH,exec,patch",
        "DELETE,exec,delete",
        "OPTIONS,exec,''",
    })
    void asksForTheVerbThatKubeApiserverWouldAskFor(String method, String subresource, String verb) throws Exception {
        kube.rights = (_, attributes) -> {
            assertThat(attributes)
                    .isEqualTo(new Attributes.Resource(
                            verb, "team1", "agenttier.io", "subresources-v1alpha1", "sandboxes", subresource, "web"));
            return false;
        };
        assertThat(kube.as("bob", method, EXEC).status()).isEqualTo(403);
    }

    @Test
    void refusesInTheWordsOfKubeApiserver() throws Exception {
        kube.rights = (_, _) -> false;
        var answer = kube.as("bob", "POST", EXEC);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(Json.object(answer.body())).isEqualTo(Json.object("""
                        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                         "message":"sandboxes.agenttier.io \\"web\\" is forbidden: User \\"bob\\" cannot create resource \\"sandboxes/exec\\" in API group \\"agenttier.io\\" in the namespace \\"team1\\"",
                         "reason":"Forbidden","details":{"name":"web","group":"agenttier.io","kind":"sandboxes"},"code":403}
                        """.getBytes(StandardCharsets.UTF_8)));
        assertThat(kube.as("bob", "GET", "/metrics").text())
                .contains("forbidden: User \\\"bob\\\" cannot get path \\\"/metrics\\\"");
    }

    @Test
    void neverAllowsWhenTheReviewFailed() throws Exception {
        kube.reviewFailure = new IOException("kube-apiserver answered 500");
        var answer = kube.as("alice", "POST", EXEC);
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).contains("could not be checked: kube-apiserver answered 500");
        assertThat(exec.calls).isEmpty();
        kube.reviewFailure = null;
        assertThat(kube.as("alice", "POST", EXEC).status()).isEqualTo(200);
    }

    @Test
    void remembersDecisionsByTheWholeQuestion() throws Exception {
        kube.as("alice", "POST", EXEC);
        kube.as("alice", "POST", EXEC);
        assertThat(kube.reviews).hasValue(1);
        kube.as("alice", "POST", EXEC, "X-Remote-Group: dev");
        kube.as("alice", "POST", EXEC.replace("web", "other"));
        assertThat(kube.reviews).hasValue(3);
    }

    @Test
    void letsMastersPassWithoutAReview() throws Exception {
        kube.rights = (_, _) -> false;
        assertThat(kube.as("admin", "POST", EXEC, "X-Remote-Group: system:masters")
                        .status())
                .isEqualTo(200);
        assertThat(kube.reviews).hasValue(0);
    }

    @Test
    void namesTheMethodsOfASubresource() throws Exception {
        var answer = kube.as("alice", "DELETE", EXEC.replace("exec", "files"));
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).isEqualTo("GET, PUT");
        assertThat(answer.text()).contains("sandboxes/files does not serve method DELETE: use GET or PUT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "watch/namespaces/team1/sandboxes/web/exec",
                "proxy/namespaces/team1/sandboxes/web/exec",
                "namespaces/team1/sandboxes/web/exec/more",
                "namespaces/team1/sandboxes/web",
                "namespaces/team1/sandboxes",
                "namespaces/team1/pods/web/exec",
                "namespaces/team1/sandboxes/web/nothing",
                "sandboxes/web/exec",
                "sandboxes",
            })
    void answers404WithAStatusForWhatIsNotServed(String path) throws Exception {
        var answer = kube.as("alice", "POST", Aggregator.path(path));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text()).contains("\"kind\":\"Status\"").contains("\"reason\":\"NotFound\"");
        assertThat(exec.calls).isEmpty();
    }

    @Test
    void refusesMoreThanAUserMayRunAndServesOthers() throws Exception {
        var running = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var slow = new Scripted("log", (call, exchange) -> {
            if (call.user().name().equals("greedy")) {
                running.countDown();
                await(go);
            }
            exchange.answer(Answers.text(200, "ok"));
        });
        try (var small = new Aggregator(100, 1, slow);
                var first = small.connect(small.proxy)) {
            var path = EXEC.replace("exec", "log");
            first.send("GET " + path + " HTTP/1.1\nHost: x\nX-Remote-User: greedy\n\n");
            assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
            var refused = small.as("greedy", "GET", path);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(refused.text()).contains("\"retryAfterSeconds\":1");
            assertThat(small.as("modest", "GET", path).status()).isEqualTo(200);
            // kube-apiserver judges the server by this one, whoever is busy
            assertThat(small.as("greedy", "GET", "/apis/agenttier.io/subresources-v1alpha1")
                            .status())
                    .isEqualTo(200);
            go.countDown();
            assertThat(first.read(false).status()).isEqualTo(200);
            assertThat(small.as("greedy", "GET", path).status()).isEqualTo(200);
        }
    }

    @Test
    void cutsAStreamWhoseCallerLosesTheRight() throws Exception {
        var gone = new CountDownLatch(1);
        var endless = new Scripted("log", (_, exchange) -> {
            exchange.stream(200, Map.of("Content-Type", "text/plain")).onClientGone(gone::countDown);
            await(gone);
        });
        try (var small = new Aggregator(100, 50, endless);
                var client = small.connect(small.proxy)) {
            client.send("GET " + EXEC.replace("exec", "log") + " HTTP/1.1\nHost: x\nX-Remote-User: alice\n\n");
            assertThat(client.readHead().status()).isEqualTo(200);
            small.trust = small.trust.map(trust -> new IdentityTrust(
                    List.of(),
                    trust.proxyNames(),
                    trust.usernameHeaders(),
                    trust.uidHeaders(),
                    trust.groupHeaders(),
                    trust.extraPrefixes(),
                    trust.clientAuthorities()));
            assertThat(client.isClosed()).isTrue();
            assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void writesAuditLinesUnderTheIdOfKubeApiserver() throws Exception {
        var answer = kube.as(
                "alice",
                "POST",
                EXEC + "?onDisconnect=keep",
                "Audit-Id: abc",
                "X-Forwarded-For: 1.2.3.4, 5.6.7.8",
                "User-Agent: kubectl");
        assertThat(answer.headers("audit-id")).isEmpty();
        var received = Json.object(next());
        assertThat(received)
                .containsEntry("stage", "RequestReceived")
                .containsEntry("auditID", "abc")
                .containsEntry("verb", "create")
                .containsEntry("requestURI", EXEC + "?onDisconnect=keep")
                .containsEntry("sourceIPs", List.of("1.2.3.4", "5.6.7.8", "127.0.0.1"))
                .containsEntry("userAgent", "kubectl")
                .containsEntry(
                        "objectRef",
                        Map.of(
                                "resource", "sandboxes",
                                "namespace", "team1",
                                "name", "web",
                                "apiGroup", "agenttier.io",
                                "apiVersion", "subresources-v1alpha1",
                                "subresource", "exec"));
        var complete = Json.object(next());
        assertThat(complete)
                .containsEntry("stage", "ResponseComplete")
                .containsEntry("auditID", "abc")
                .containsEntry("responseStatus", Map.of("metadata", Map.of(), "code", 200))
                .containsEntry(
                        "annotations", Map.of("agenttier.io/process", "exec-1", "agenttier.io/bytes-response", "20"));
    }

    @Test
    void auditsRefusalsWithTheirCode() throws Exception {
        kube.rights = (_, _) -> false;
        kube.as("bob", "POST", EXEC);
        next();
        assertThat(Json.object(next())).containsEntry("responseStatus", Map.of("metadata", Map.of(), "code", 403));
    }

    @Test
    void makesAndReturnsAnAuditIdOnDirectCallsWhateverTheCallerSays() throws Exception {
        try (var client = kube.connect(kube.clientAuthority.client("CN=carol"))) {
            var answer = client.call("POST", EXEC, "Audit-ID: forged", "X-Forwarded-For: 9.9.9.9");
            assertThat(answer.headers("audit-id")).containsExactly("made-1");
        }
        assertThat(Json.object(next()))
                .containsEntry("auditID", "made-1")
                .containsEntry("sourceIPs", List.of("127.0.0.1"));
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private byte[] next() throws InterruptedException {
        var line = kube.audit.poll(20, TimeUnit.SECONDS);
        assertThat(line).isNotNull();
        return line.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void letsOnlyThoseOpenAWebSocketWhoMayGetAndCreate() throws Exception {
        var verbs = new java.util.concurrent.ConcurrentLinkedQueue<String>();
        try (var small = new Aggregator(100, 50, new Echo("exec", "GET"))) {
            small.rights = (user, attributes) -> {
                verbs.add(attributes.verb());
                return !attributes.verb().equals("create") || user.name().equals("alice");
            };
            var upgrade = new String[] {"Connection: Upgrade", "Upgrade: websocket"};
            var refused = small.as("bob", "GET", EXEC, upgrade);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).contains("cannot create resource \\\"sandboxes/exec\\\"");
            assertThat(small.as("alice", "GET", EXEC, upgrade).status()).isEqualTo(200);
            assertThat(verbs).containsExactly("get", "create", "get", "create");
            verbs.clear();
            assertThat(small.as("carol", "GET", EXEC).status()).isEqualTo(200);
            assertThat(verbs).containsExactly("get");
        }
    }

    @Test
    void auditsAWebSocketFromItsBeginningAndEndsItWhenTheCredentialsDo() throws Exception {
        var revoked = new CountDownLatch(1);
        var endless = new Scripted("exec", (call, exchange) -> {
            var agreed = WebSocketOffer.agree(call, List.of("v5.channel.k8s.io"), "");
            var socket = exchange.upgrade(agreed, Map.of());
            exchange.onRightLost(() -> {
                socket.close(4003, "access_revoked");
                revoked.countDown();
            });
            await(revoked);
            exchange.note(Note.CLOSE_CODE, "4003");
        });
        try (var small = new Aggregator(100, 50, endless);
                var peer = new WebSocketPeer(small.connect(small.proxy))) {
            assertThat(peer.handshake(EXEC, "X-Remote-User: alice").status()).isEqualTo(101);
            small.trust = small.trust.map(trust -> new IdentityTrust(
                    List.of(),
                    trust.proxyNames(),
                    trust.usernameHeaders(),
                    trust.uidHeaders(),
                    trust.groupHeaders(),
                    trust.extraPrefixes(),
                    trust.clientAuthorities()));
            var close = peer.read();
            assertThat(close.closeCode()).isEqualTo(4003);
            assertThat(small.audit.take()).contains("\"stage\":\"RequestReceived\"");
            assertThat(small.audit.take()).contains("\"stage\":\"ResponseStarted\"", "\"code\":101");
            assertThat(small.audit.take())
                    .contains(
                            "\"stage\":\"ResponseComplete\"",
                            "\"agenttier.io/close-code\":\"4003\"",
                            "has lost the right");
        }
    }
}
