package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.http.Certificates;
import io.agenttier.apiserver.http.PemText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of kube-apiserver, and what is made of its answers. */
class KubeAdaptersTest {
    private static final String CONFIG_MAPS = "/api/v1/namespaces/kube-system/configmaps";
    private static final String SECRETS = "/api/v1/namespaces/agenttier/secrets";
    private static final String TRUST = "extension-apiserver-authentication";

    private final Certificates authority = new Certificates("ca");
    private FakeKube kube;

    @BeforeEach
    void start() throws IOException {
        kube = new FakeKube();
    }

    @AfterEach
    void stop() {
        kube.close();
    }

    @Test
    void sendsTheWholeUserAndTheWholeQuestion() throws Exception {
        var user = new User("alice", "u-1", List.of("dev"), Map.of("k", List.of("v")));
        var decision = new AccessReviews(kube.connection().calls())
                .review(user, new Attributes.Resource("create", "ns", "g", "v", "sandboxes", "exec", "web"));
        assertThat(decision.allowed()).isTrue();
        assertThat(kube.reviews.remove().get("spec"))
                .isEqualTo(Map.of(
                        "user", "alice",
                        "uid", "u-1",
                        "groups", List.of("dev"),
                        "extra", Map.of("k", List.of("v")),
                        "resourceAttributes",
                                Map.of(
                                        "verb", "create",
                                        "namespace", "ns",
                                        "group", "g",
                                        "version", "v",
                                        "resource", "sandboxes",
                                        "subresource", "exec",
                                        "name", "web")));
    }

    @Test
    void takesADenialOverAnAllowance() throws Exception {
        kube.reviewer = _ -> Map.of("allowed", true, "denied", true, "reason", "because");
        var decision = new AccessReviews(kube.connection().calls())
                .review(new User("a", "", List.of(), Map.of()), new Attributes.NonResource("get", "/metrics"));
        assertThat(decision.allowed()).isFalse();
        assertThat(decision.reason()).isEqualTo("because");
    }

    @Test
    void failsAReviewThatWasNotAnswered() {
        kube.failures.set(1);
        assertThatThrownBy(() -> new AccessReviews(kube.connection().calls())
                        .review(new User("a", "", List.of(), Map.of()), new Attributes.NonResource("get", "/")))
                .isInstanceOf(IOException.class)
                .hasMessage("kube-apiserver answered 500");
    }

    @Test
    void readsTheUserOfAToken() throws Exception {
        kube.reviewer = review -> {
            assertThat(String.valueOf(review.get("spec"))).contains("token=secret");
            return Map.of("authenticated", true, "user", Map.of("username", "robot", "groups", List.of("g")));
        };
        assertThat(new TokenReviews(kube.connection().calls()).review("secret"))
                .contains(new User("robot", "", List.of("g"), Map.of()));
        kube.reviewer = _ -> Map.of("authenticated", false, "error", "expired");
        assertThat(new TokenReviews(kube.connection().calls()).review("old")).isEmpty();
    }

    @Test
    void loadsTheTrustAndFollowsItsChanges() {
        kube.put(CONFIG_MAPS, TRUST, Map.of("data", trust(authority, "X-Remote-User")));
        try (var watch = new IdentityTrustWatch(kube.connection())) {
            await().until(() -> watch.get().isPresent());
            assertThat(watch.get().orElseThrow().proxyAuthorities()).containsExactly(authority.authority());
            assertThat(watch.get().orElseThrow().proxyNames()).containsExactly("front-proxy-client");
            var next = new Certificates("next");
            kube.put(CONFIG_MAPS, TRUST, Map.of("data", trust(next, "X-Other-User")));
            await().until(() -> watch.get().orElseThrow().usernameHeaders().contains("x-other-user"));
            assertThat(watch.get().orElseThrow().proxyAuthorities()).containsExactly(next.authority());
        }
    }

    @Test
    void keepsTheLastGoodTrust() {
        kube.put(CONFIG_MAPS, TRUST, Map.of("data", trust(authority, "X-Remote-User")));
        try (var watch = new IdentityTrustWatch(kube.connection())) {
            await().until(() -> watch.get().isPresent());
            var good = watch.get();
            kube.put(CONFIG_MAPS, TRUST, Map.of("data", Map.of("requestheader-allowed-names", "[1")));
            kube.delete(CONFIG_MAPS, TRUST);
            kube.failures.set(1);
            kube.endWatches();
            kube.put(CONFIG_MAPS, TRUST, Map.of("data", trust(authority, "X-Third-User")));
            assertThat(watch.get()).isPresent();
            await().until(() -> !watch.get().equals(good));
            assertThat(watch.get().orElseThrow().usernameHeaders()).containsExactly("x-third-user");
        }
    }

    @Test
    void loadsAKeyPairThatComesLaterAndItsSuccessors() throws Exception {
        var pairs = new LinkedBlockingQueue<KeyPairWatch.Pair>();
        try (var _ = new KeyPairWatch(kube.connection(), "agenttier", "tls", pairs::add)) {
            kube.put(SECRETS, "another", secret(authority.server("b")));
            kube.put(SECRETS, "tls", Map.of("data", Map.of("tls.crt", FakeKube.base64("nothing"))));
            var first = authority.server("a");
            kube.put(SECRETS, "tls", secret(first));
            KeyPairWatch.Pair seen = null;
            while (seen == null || !seen.chain().equals(first.chain())) {
                seen = pairs.poll(20, TimeUnit.SECONDS);
                assertThat(seen).isNotNull();
            }
            assertThat(seen.key()).isEqualTo(first.key());
            assertThat(seen.authorities()).containsExactly(authority.authority());
            var second = authority.server("a");
            kube.put(SECRETS, "tls", secret(second));
            while (!seen.chain().equals(second.chain())) {
                seen = pairs.poll(20, TimeUnit.SECONDS);
                assertThat(seen).isNotNull();
            }
        }
    }

    private Map<String, Object> secret(Certificates.Pair pair) {
        return Map.of(
                "data",
                Map.of(
                        "tls.crt", FakeKube.base64(PemText.of(pair.chain())),
                        "tls.key", FakeKube.base64(PemText.keyOf(pair)),
                        "ca.crt", FakeKube.base64(PemText.of(List.of(authority.authority())))));
    }

    private static Map<String, Object> trust(Certificates proxyAuthority, String usernameHeader) {
        var data = new LinkedHashMap<String, Object>();
        data.put("requestheader-client-ca-file", PemText.of(List.of(proxyAuthority.authority())));
        data.put("requestheader-allowed-names", "[\"front-proxy-client\"]");
        data.put("requestheader-username-headers", "[\"" + usernameHeader + "\"]");
        data.put("requestheader-group-headers", "[\"X-Remote-Group\"]");
        data.put("requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
        data.put("client-ca-file", PemText.of(List.of(proxyAuthority.authority())));
        return data;
    }
}
