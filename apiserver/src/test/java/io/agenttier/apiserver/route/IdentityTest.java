package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.http.Certificates;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the server takes a caller for, through real handshakes. */
class IdentityTest {
    private static final String EXEC = Aggregator.path("namespaces/team1/sandboxes/web/exec");

    private final Echo exec = new Echo("exec", "POST");
    private Aggregator kube;

    @BeforeEach
    void start() throws Exception {
        kube = new Aggregator(exec);
    }

    @AfterEach
    void stop() {
        kube.close();
    }

    private User seen() {
        return exec.calls.remove().user();
    }

    @Test
    void takesTheUserFromTheFrontProxysHeaders() throws Exception {
        var answer = kube.as(
                "alice",
                "POST",
                EXEC,
                "X-Remote-Uid: u-1",
                "X-Remote-Group: dev, ops",
                "X-Remote-Group: system:authenticated",
                "X-Remote-Extra-Foo%2fbar: a",
                "x-remote-extra-FOO%2fbar: b",
                "X-Remote-Extra-Bad%zz: c");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(seen())
                .isEqualTo(new User(
                        "alice",
                        "u-1",
                        List.of("dev, ops", "system:authenticated"),
                        Map.of("foo/bar", List.of("a", "b"), "bad%zz", List.of("c"))));
    }

    @Test
    void addsTheGroupThatKubeApiserverLeavesOut() throws Exception {
        kube.as("system:kube-aggregator", "POST", EXEC);
        assertThat(seen().groups()).containsExactly("system:authenticated");
        kube.as("system:anonymous", "POST", EXEC, "X-Remote-Group: system:unauthenticated");
        assertThat(seen().groups()).containsExactly("system:unauthenticated");
    }

    @Test
    void removesIdentityHeadersBeforeAnyoneElseSeesThem() throws Exception {
        kube.as("alice", "POST", EXEC, "X-Remote-Group: dev", "X-Remote-Extra-A: b", "X-Remote-Other: c", "X-Mine: d");
        var headers = exec.calls.remove().headers();
        assertThat(headers.keySet()).noneMatch(name -> name.startsWith("x-remote-"));
        assertThat(headers).containsEntry("x-mine", List.of("d"));
    }

    @Test
    void takesTheFirstNonEmptyNameOfADoubledHeader() throws Exception {
        kube.as("", "POST", EXEC, "X-Remote-User: bob", "X-Remote-User: system:admin");
        assertThat(seen().name()).isEqualTo("bob");
    }

    @Test
    void ignoresHeadersOfAClientWithoutACertificate() throws Exception {
        try (var client = kube.connect(null)) {
            client.call("POST", EXEC, "X-Remote-User: admin", "X-Remote-Group: system:masters");
        }
        assertThat(seen()).isEqualTo(new User("system:anonymous", "", List.of("system:unauthenticated"), Map.of()));
    }

    @Test
    void ignoresHeadersOfAClientCertificateWithTheProxysName() throws Exception {
        try (var client = kube.connect(kube.clientAuthority.client("CN=front-proxy-client"))) {
            client.call("POST", EXEC, "X-Remote-User: admin", "X-Remote-Group: system:masters");
        }
        assertThat(seen().name()).isEqualTo("front-proxy-client");
    }

    @Test
    void refusesAProxyCertificateWithAnotherName() throws Exception {
        assertThat(refused(kube.proxyAuthority.client("CN=someone"))).contains("requestheader-allowed-names");
    }

    /** Sends an administrator's headers with this certificate; the message of the 401. */
    private String refused(Certificates.Pair identity) throws Exception {
        try (var client = kube.connect(identity)) {
            var answer = client.call("POST", EXEC, "X-Remote-User: admin");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(exec.calls).isEmpty();
            return answer.text();
        }
    }

    @Test
    void takesAnyNameWhereNoneIsRequired() throws Exception {
        var trust = kube.trust.orElseThrow();
        kube.trust = Optional.of(new IdentityTrust(
                trust.proxyAuthorities(),
                List.of(),
                trust.usernameHeaders(),
                trust.uidHeaders(),
                trust.groupHeaders(),
                trust.extraPrefixes(),
                trust.clientAuthorities()));
        try (var client = kube.connect(kube.proxyAuthority.client("CN=someone"))) {
            client.call("POST", EXEC, "X-Remote-User: alice");
        }
        assertThat(seen().name()).isEqualTo("alice");
    }

    @Test
    void saysWhyACertificateIdentifiesNobodyAndCountsIt() throws Exception {
        assertThat(refused(kube.proxyAuthority.expiredClient("CN=front-proxy-client")))
                .contains("ended at", "renew it, or compare the clocks");
        assertThat(refused(kube.proxyAuthority.futureClient("CN=front-proxy-client")))
                .contains("begins at", "compare the clocks");
        assertThat(refused(kube.proxyAuthority.server("front-proxy-client")))
                .contains("is not for client authentication");
        assertThat(refused(new Certificates("front-proxy-ca").client("CN=front-proxy-client")))
                .contains("of no CA in kube-system/extension-apiserver-authentication");
        assertThat(kube.as("admin", "GET", "/metrics").text())
                .contains(refusals("expired", 1), refusals("not_yet_valid", 1), refusals("unknown_authority", 2));
        assertThat(kube.as("alice", "POST", EXEC).status()).as("the right one").isEqualTo(200);
    }

    private static String refusals(String reason, int count) {
        return "agenttier_apiserver_client_certificates_refused_total{reason=\"%s\",} %d.0".formatted(reason, count);
    }

    @Test
    void believesNoAuthorityThatHasEnded() throws Exception {
        var ended = new Certificates("ended-ca", Duration.ofMinutes(-1));
        var trust = kube.trust.orElseThrow();
        kube.trust = Optional.of(new IdentityTrust(
                List.of(ended.authority()),
                List.of(),
                trust.usernameHeaders(),
                trust.uidHeaders(),
                trust.groupHeaders(),
                trust.extraPrefixes(),
                List.of(ended.authority())));
        assertThat(refused(ended.client("CN=front-proxy-client"))).contains("of no CA in");
    }

    @Test
    void takesUserAndGroupsFromAClientCertificate() throws Exception {
        try (var client = kube.connect(kube.clientAuthority.client("O=dev,O=ops,CN=carol"))) {
            client.call("POST", EXEC);
        }
        var user = seen();
        assertThat(user.name()).isEqualTo("carol");
        assertThat(user.groups()).containsExactlyInAnyOrder("dev", "ops", "system:authenticated");
    }

    @Test
    void judgesOneConnectionAnewWhenTheTrustChanges() throws Exception {
        try (var client = kube.connect(kube.proxy)) {
            client.call("POST", EXEC, "X-Remote-User: alice");
            assertThat(seen().name()).isEqualTo("alice");
            var trust = kube.trust.orElseThrow();
            kube.trust = Optional.of(new IdentityTrust(
                    List.of(kube.clientAuthority.authority()),
                    trust.proxyNames(),
                    trust.usernameHeaders(),
                    trust.uidHeaders(),
                    trust.groupHeaders(),
                    trust.extraPrefixes(),
                    List.of()));
            assertThat(client.call("POST", EXEC, "X-Remote-User: alice").status())
                    .isEqualTo(401);
        }
    }

    @Test
    void refusesEveryoneUntilTheTrustWasLoaded() throws Exception {
        kube.trust = Optional.empty();
        var answer = kube.as("alice", "POST", EXEC);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.text()).contains("extension-apiserver-authentication is not loaded");
        assertThat(exec.calls).isEmpty();
    }

    @Test
    void takesAValidBearerTokenAndRefusesAnother() throws Exception {
        kube.tokens.put("good", new User("robot", "r", List.of("system:serviceaccounts"), Map.of()));
        try (var client = kube.connect(null)) {
            assertThat(client.call("POST", EXEC, "Authorization: Bearer good").status())
                    .isEqualTo(200);
            assertThat(seen().groups()).containsExactly("system:serviceaccounts", "system:authenticated");
            var refused = client.call("POST", EXEC, "Authorization: Bearer bad");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.text()).contains("\"reason\":\"Unauthorized\"");
            assertThat(client.call("POST", EXEC, "Authorization: Bearer good", "Authorization: Bearer bad")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void takesTheTokenOfABrowsersWebSocketAndShowsItToNobody() throws Exception {
        kube.close();
        var seen = new LinkedBlockingQueue<Call>();
        kube = new Aggregator(new Scripted("exec", (call, exchange) -> {
            seen.add(call);
            exchange.answer(Answers.text(200, "seen"));
        }));
        kube.tokens.put("good", new User("robot", "r", List.of(), Map.of()));
        assertThat(asNobody("GET", socket(token("good") + ", v5.channel.k8s.io")))
                .isEqualTo(200);
        var browser = seen.remove();
        assertThat(browser.user().name()).isEqualTo("robot");
        assertThat(browser.headers()).containsEntry("sec-websocket-protocol", List.of("v5.channel.k8s.io"));
        assertThat(asNobody("GET", socket(token("bad") + ", v5.channel.k8s.io")))
                .isEqualTo(401);
        assertThat(asNobody("GET", "Sec-WebSocket-Protocol: " + token("good") + ", v5.channel.k8s.io"))
                .isEqualTo(200);
        assertThat(seen.remove().user().name()).as("no WebSocket, no token").isEqualTo("system:anonymous");
        kube.as("alice", "GET", EXEC, socket("v5.channel.k8s.io, " + token("good")));
        var call = seen.remove();
        assertThat(call.user().name()).as("the front proxy comes first").isEqualTo("alice");
        assertThat(call.headers()).containsEntry("sec-websocket-protocol", List.of("v5.channel.k8s.io"));
    }

    private int asNobody(String method, String... headers) throws Exception {
        try (var client = kube.connect(null)) {
            return client.call(method, EXEC, headers).status();
        }
    }

    private static String[] socket(String protocols) {
        return new String[] {
            "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Protocol: " + protocols
        };
    }

    private static String token(String text) {
        return "base64url.bearer.authorization.k8s.io."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base64url.bearer.authorization.k8s.io.Z29vZA",
                "base64url.bearer.authorization.k8s.io.Z29vZA,base64url.bearer.authorization.k8s.io.Z29vZA,v5.channel.k8s.io",
                "base64url.bearer.authorization.k8s.io.Z29vZA==,v5.channel.k8s.io",
                "base64url.bearer.authorization.k8s.io.,v5.channel.k8s.io",
                "base64url.bearer.authorization.k8s.io.%%%,v5.channel.k8s.io",
                "base64url.bearer.authorization.k8s.io.Z29vZ+/=,v5.channel.k8s.io",
                "base64url.bearer.authorization.k8s.io._w,v5.channel.k8s.io",
            })
    void refusesATokenOfAWebSocketThatIsNotAsItShouldBe(String protocols) throws Exception {
        kube.tokens.put("good", new User("robot", "r", List.of(), Map.of()));
        try (var client = kube.connect(null)) {
            var answer = client.call("GET", EXEC, socket(protocols));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.text()).doesNotContain("Z29vZ");
        }
    }

    @Test
    void refusesImpersonationOnDirectCalls() throws Exception {
        try (var client = kube.connect(kube.clientAuthority.client("CN=carol"))) {
            var answer = client.call("POST", EXEC, "Impersonate-User: admin");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.text()).contains("impersonation is not served");
        }
    }
}
