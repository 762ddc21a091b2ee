package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.auth.User;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    void ignoresHeadersOfAProxyCertificateWithAnotherName() throws Exception {
        try (var client = kube.connect(kube.proxyAuthority.client("CN=someone"))) {
            client.call("POST", EXEC, "X-Remote-User: admin");
        }
        assertThat(seen().name()).isEqualTo("system:anonymous");
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
    void ignoresAnExpiredProxyCertificateAndOneForServers() throws Exception {
        try (var client = kube.connect(kube.proxyAuthority.expiredClient("CN=front-proxy-client"))) {
            client.call("POST", EXEC, "X-Remote-User: admin");
        }
        assertThat(seen().name()).isEqualTo("system:anonymous");
        try (var client = kube.connect(kube.proxyAuthority.server("front-proxy-client"))) {
            client.call("POST", EXEC, "X-Remote-User: admin");
        }
        assertThat(seen().name()).isEqualTo("system:anonymous");
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
            client.call("POST", EXEC, "X-Remote-User: alice");
            assertThat(seen().name()).isEqualTo("system:anonymous");
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
    void refusesImpersonationOnDirectCalls() throws Exception {
        try (var client = kube.connect(kube.clientAuthority.client("CN=carol"))) {
            var answer = client.call("POST", EXEC, "Impersonate-User: admin");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.text()).contains("impersonation is not served");
        }
    }
}
