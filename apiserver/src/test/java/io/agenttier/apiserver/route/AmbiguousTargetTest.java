package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.Attributes;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Request targets that two parsers could read differently, against the real server. Alice may create {@code exec} of {@code team1/web} and
 * nothing else; whatever she writes, nothing else is served to her.
 */
class AmbiguousTargetTest {
    private static final String ROOT = "/apis/agenttier.io/subresources-v1alpha1/";
    private static final String EXEC = ROOT + "namespaces/team1/sandboxes/web/exec";
    private static final Attributes.Resource HERS = new Attributes.Resource(
            "create", "team1", "agenttier.io", "subresources-v1alpha1", "sandboxes", "exec", "web");
    private static final Echo EXEC_CALLS = new Echo("exec", "POST", "GET");
    private static final Echo FILES_CALLS = new Echo("files", "POST", "GET");
    private static final LinkedBlockingQueue<Attributes> ASKED = new LinkedBlockingQueue<>();
    private static Aggregator kube;

    @BeforeAll
    static void start() throws Exception {
        kube = new Aggregator(EXEC_CALLS, FILES_CALLS);
        kube.rights = (_, attributes) -> {
            ASKED.add(attributes);
            return attributes.equals(HERS);
        };
    }

    @AfterAll
    static void stop() {
        kube.close();
    }

    @BeforeEach
    void forget() {
        EXEC_CALLS.calls.clear();
        ASKED.clear();
    }

    /** The target after {@link #ROOT}, and its answer. 400: one reading too many. 403: read as somebody else's. 404: no such thing. */
    static Stream<Arguments> below() {
        return Stream.of(
                        List.of(
                                400,
                                "namespaces/team1/sandboxes/web/exec/%2e%2e/%2e%2e/other/exec",
                                "namespaces/team1/sandboxes/web/../other/exec",
                                "namespaces/team1/sandboxes/web/./exec",
                                "namespaces/team1/sandboxes/web/%2E%2e/exec",
                                "namespaces/team1/sandboxes/web/.%2e/other/exec",
                                "namespaces/team1/sandboxes/web%2fexec",
                                "namespaces/team1/sandboxes/other%2F..%2Fweb/exec",
                                "namespaces/team1%2fsandboxes/web/exec",
                                "namespaces//team1/sandboxes/web/exec",
                                "namespaces/team1/sandboxes/web//exec",
                                "namespaces/team1/sandboxes/web/exec/",
                                "/namespaces/team1/sandboxes/web/exec",
                                "namespaces/team1/sandboxes/web/exec%",
                                "namespaces/team1/sandboxes/web/exec%2",
                                "namespaces/team1/sandboxes/web/exec%g0",
                                "namespaces/team1/sandboxes/web/exec%00",
                                "namespaces/team1/sandboxes/web/exec%0d%0aX-Remote-User:%20admin",
                                "namespaces/team1/sandboxes/web/exec%7f",
                                "namespaces/team1/sandboxes/web/exec%c0%af",
                                "namespaces/team1/sandboxes/%c0%ae%c0%ae/exec",
                                "namespaces/team1/sandboxes/web/exec%ff",
                                "namespaces/team1/sandboxes/web/exec?a=%",
                                "namespaces/team1/sandboxes/web/exec?a=%ff",
                                "namespaces/team1/sandboxes/web/exec?%zz=a"),
                        List.of(
                                403,
                                "namespaces/team1/sandboxes/web/exec%20",
                                "namespaces/team1/sandboxes/web/Exec",
                                "namespaces/team1/sandboxes/web/EXEC",
                                "namespaces/team1/sandboxes/WEB/exec",
                                "namespaces/team1/sandboxes/web/exec;x",
                                "namespaces/team1/sandboxes/web;x=/exec",
                                "namespaces/team1;/sandboxes/web/exec",
                                "namespaces/team1/sandboxes/web/exec%3bx",
                                "namespaces/team1/sandboxes/web%252Fexec/exec",
                                "namespaces/team1/sandboxes/web/%252e%252e",
                                "namespaces/team1/sandboxes/web/exec%3Fx",
                                "namespaces/team1/sandboxes/web/exec%23x",
                                "namespaces/team1/sandboxes/web%5c..%5cother/exec",
                                "namespaces/team1/sandboxes/other/exec",
                                "namespaces/other/sandboxes/web/exec",
                                "namespaces/team1/sandboxes/web/files",
                                "namespaces/team1/sandboxes/web/files?x=/exec",
                                "namespaces/team1/sandboxes/web",
                                "namespaces/team1/sandboxes",
                                "namespaces/team1/pods/web/exec",
                                "namespaces/team1/Sandboxes/web/exec",
                                "sandboxes/web/exec",
                                "namespaces/team1",
                                "Namespaces/team1/sandboxes/web/exec"),
                        List.of(
                                404,
                                "namespaces/team1/sandboxes/web/exec/more",
                                "namespaces/team1/sandboxes/web/exec/namespaces",
                                "watch/namespaces/team1/sandboxes/web/exec",
                                "watch/namespaces/team1/sandboxes/web",
                                "watch/sandboxes",
                                "proxy/namespaces/team1/sandboxes/web/exec",
                                "proxy/x",
                                "watch"))
                .flatMap(group -> group.stream().skip(1).map(target -> Arguments.of(group.getFirst(), target)));
    }

    @ParameterizedTest
    @MethodSource("below")
    void refuses(int status, String target) throws Exception {
        var answer = kube.as("alice", "POST", ROOT + target);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).contains("\"kind\":\"Status\"");
        assertThat(EXEC_CALLS.calls).isEmpty();
        assertThat(FILES_CALLS.calls).isEmpty();
        if (status == 400) {
            assertThat(ASKED).as("refused before anybody is asked").isEmpty();
        } else if (status == 403) {
            assertThat(ASKED).doesNotContain(HERS);
        }
    }

    /** Outside our group and version a path is a path for RBAC, and none of these is served. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apis/agenttier.io/v1alpha1/namespaces/team1/sandboxes/web/exec",
                "/apis/AgentTier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/exec",
                "/apis/agenttier.io/subresources-v1alpha1;/namespaces/team1/sandboxes/web/exec",
                "/api/v1/namespaces/team1/pods/web/exec",
                "/apis/agenttier.io/subresources-v1alpha1x/namespaces/team1/sandboxes/web/exec",
                "/x/apis/agenttier.io/subresources-v1alpha1/namespaces/team1/sandboxes/web/exec",
            })
    void asksForTheRawPathElsewhere(String path) throws Exception {
        assertThat(kube.as("alice", "POST", path).status()).isEqualTo(403);
        assertThat(ASKED).containsExactly(new Attributes.NonResource("post", path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/healthz/..%2f",
                "/healthz/../metrics",
                "/livez%2f..%2fmetrics",
                "//healthz",
                "/healthz;x",
                "/Healthz"
            })
    void letsNobodyPassByTheOpenPaths(String path) throws Exception {
        try (var client = kube.connect(null)) {
            assertThat(client.call("GET", path).status()).isIn(400, 403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://other%s", "http://x:80%s", "//x%s", "x%s", "*", "x:443", "%s#x"})
    void servesNothingUnderATargetThatIsNoPath(String target) throws Exception {
        assertThat(kube.as("alice", "POST", target.formatted(EXEC)).status()).isIn(400, 403);
        assertThat(EXEC_CALLS.calls).isEmpty();
    }

    /** Whole request heads; {@code %s} is the target she may call. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST  %s HTTP/1.1\nHost: x\n",
                "POST %s  HTTP/1.1\nHost: x\n",
                "POST %s\t HTTP/1.1\nHost: x\n",
                "POST %s HTTP/1.1\nHost: x\nHost: y\n",
                "POST %s HTTP/1.1\nX-None: x\n",
                "POST %s HTTP/2.0\nHost: x\n",
                "POST %s HTTP/1.1 HTTP/1.1\nHost: x\n",
                "POST %s HTTP/1.1\nHost: x\nContent-Length: 4\nTransfer-Encoding: chunked\n",
                "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nContent-Length: 0\n",
                "POST %s HTTP/1.1\nHost: x\nContent-Length: 0\nContent-Length: 4\n",
                "POST %s HTTP/1.1\nHost: x\nContent-Length: +0\n",
                "POST %s HTTP/1.1\nHost: x\nContent-Length: 0, 4\n",
                "POST %s HTTP/1.1\nHost: x\nContent-Length: -1\n",
                "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding: gzip, chunked\n",
                "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n",
                "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding: xchunked\n",
                "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding : chunked\n",
                "POST %s HTTP/1.0\nTransfer-Encoding: chunked\n",
            })
    void servesNothingUnderAHeadWithTwoReadings(String head) throws Exception {
        try (var client = kube.connect(kube.proxy)) {
            client.send(head.replace("%s", EXEC) + "X-Remote-User: alice\n\n" + "0\n\nPOST " + EXEC
                    + " HTTP/1.1\nHost: x\nX-Remote-User: alice\n\n");
            var answer = client.read(false);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(client.isClosed())
                    .as("what follows on this connection is no request")
                    .isTrue();
        }
        assertThat(EXEC_CALLS.calls).isEmpty();
    }

    @Test
    void servesWhatSheMayWrittenInOneOtherWay() throws Exception {
        assertThat(kube.as("alice", "POST", EXEC + "?a=%2F..&a=;x").status()).isEqualTo(200);
        assertThat(kube.as("alice", "POST", EXEC.replace("web", "%77eb")).text())
                .endsWith("team1/web");
    }
}
