package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.http.Certificates;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way of claiming to be somebody that we could think of, against the real server: nobody gets more than he proved. */
class SpoofedIdentityTest {
    private static final String EXEC = Aggregator.path("namespaces/team1/sandboxes/web/exec");
    private static final Echo EXEC_CALLS = new Echo("exec", "POST");
    private static Aggregator kube;

    /** Who opens the connection. */
    private enum Peer {
        NOBODY,
        STRANGER,
        CAROL,
        CAROL_NAMED_LIKE_THE_PROXY,
        MASTERS_BY_A_STRANGER,
        EXPIRED_CAROL,
        PROXY_OF_ANOTHER_NAME,
        EXPIRED_PROXY,
        FUTURE_PROXY,
        PROXY_FOR_SERVERS,
        FOREIGN_PROXY,
        PROXY
    }

    /** Claims of an administrator, one set of header lines each. */
    private static final List<List<String>> CLAIMS = List.of(
            List.of("X-Remote-User: admin", "X-Remote-Group: system:masters"),
            List.of("x-remote-user: admin", "x-remote-group: system:masters"),
            List.of("X-REMOTE-USER: admin", "X-REMOTE-GROUP: system:masters"),
            List.of("X-Remote-User: a", "X-Remote-User: admin", "X-Remote-Group: system:masters"),
            List.of("X_Remote_User: admin", "X_Remote_Group: system:masters"),
            List.of("X-Remote_User: admin", "X-Remote_Group: system:masters"),
            List.of("X-Remote-Group: system:masters"),
            List.of("X-Remote-Uid: 0", "X-Remote-User: admin"),
            List.of("X-Remote-Extra-Scopes: all", "X-Remote-User: admin"),
            List.of("X-Forwarded-User: admin", "Remote-User: admin", "X-Remote-User:"),
            List.of("Connection: X-Remote-Group", "X-Remote-User: admin"),
            List.of("Forwarded: for=127.0.0.1;by=front-proxy", "X-Forwarded-For: 127.0.0.1", "X-Remote-User: admin"));

    record Case(Peer peer, List<String> lines, int status, String name, List<String> groups) {
        @Override
        public String toString() {
            return (peer + " " + lines + " -> " + status + " " + name).replaceAll("\\p{Cntrl}", "?");
        }
    }

    @BeforeAll
    static void start() throws Exception {
        kube = new Aggregator(EXEC_CALLS);
        kube.tokens.put("good", new User("robot", "r", List.of("robots"), Map.of()));
    }

    @AfterAll
    static void stop() {
        kube.close();
    }

    @BeforeEach
    void forget() {
        EXEC_CALLS.calls.clear();
    }

    static Stream<Case> cases() {
        var cases = new ArrayList<Case>();
        for (var claim : CLAIMS) {
            cases.add(new Case(Peer.NOBODY, claim, 200, "system:anonymous", List.of("system:unauthenticated")));
            cases.add(new Case(Peer.CAROL, claim, 200, "carol", List.of("dev", "system:authenticated")));
            cases.add(new Case(
                    Peer.CAROL_NAMED_LIKE_THE_PROXY,
                    claim,
                    200,
                    "front-proxy-client",
                    List.of("system:authenticated")));
        }
        for (var peer : List.of(
                Peer.STRANGER,
                Peer.MASTERS_BY_A_STRANGER,
                Peer.EXPIRED_CAROL,
                Peer.PROXY_OF_ANOTHER_NAME,
                Peer.EXPIRED_PROXY,
                Peer.FUTURE_PROXY,
                Peer.PROXY_FOR_SERVERS,
                Peer.FOREIGN_PROXY)) {
            cases.add(new Case(peer, CLAIMS.getFirst(), 401, "", List.of()));
            cases.add(new Case(peer, List.of(), 401, "", List.of()));
        }
        // what a user says of himself and kube-apiserver passes on
        for (var line : List.of(
                "X_Remote_User: admin",
                "X-Remote_Group: system:masters",
                "X-Forwarded-User: admin",
                "Remote-User: admin",
                "X-Client-Cert: admin",
                "Authorization: Bearer good",
                "Impersonate_User: admin",
                "Connection: X-Remote-User",
                "Cookie: X-Remote-User=admin")) {
            cases.add(new Case(
                    Peer.PROXY, List.of("X-Remote-User: alice", line), 200, "alice", List.of("system:authenticated")));
        }
        cases.add(new Case(Peer.PROXY, List.of("X-Remote-Group: system:masters"), 401, "", List.of()));
        cases.add(
                new Case(Peer.PROXY, List.of("X-Remote-User:", "X-Remote-Group: system:masters"), 401, "", List.of()));
        cases.add(new Case(
                Peer.PROXY,
                List.of("X-Remote-User: alice", "X-Remote-User: admin"),
                200,
                "alice",
                List.of("system:authenticated")));
        // a folded line belongs to the header before it
        cases.add(new Case(
                Peer.NOBODY,
                List.of("X-Mine: a\n X-Remote-User: admin"),
                200,
                "system:anonymous",
                List.of("system:unauthenticated")));
        // a blank before the colon, a NUL, a bare CR: ways to hide a header from one of two parsers
        for (var line : List.of(
                "X-Remote-User : admin",
                "X-Remote-User\t: admin",
                "X-Remote-User\0: admin",
                "X-Mine: a\rX-Remote-User: admin",
                "X-Remote-User: ad\0min",
                ": admin")) {
            cases.add(new Case(Peer.NOBODY, List.of(line), 400, "", List.of()));
            cases.add(new Case(Peer.PROXY, List.of("X-Remote-User: alice", line), 400, "", List.of()));
        }
        for (var line : List.of(
                "Impersonate-User: admin",
                "impersonate-user: admin",
                "IMPERSONATE-GROUP: system:masters",
                "Impersonate-Uid: 0",
                "Impersonate-Extra-Scopes: all",
                "Impersonate_User: admin",
                "Impersonate-User:")) {
            for (var peer : List.of(Peer.NOBODY, Peer.CAROL, Peer.STRANGER)) {
                cases.add(new Case(peer, List.of(line), 403, "", List.of()));
            }
            cases.add(new Case(Peer.NOBODY, List.of(line, "Authorization: Bearer good"), 403, "", List.of()));
        }
        // credentials beside a claim
        cases.add(new Case(
                Peer.NOBODY,
                List.of("Authorization: Bearer good", "X-Remote-User: admin"),
                200,
                "robot",
                List.of("robots", "system:authenticated")));
        cases.add(new Case(
                Peer.FOREIGN_PROXY,
                List.of("Authorization: bearer good", "X-Remote-User: admin"),
                200,
                "robot",
                List.of("robots", "system:authenticated")));
        for (var lines : List.of(
                List.of("Authorization: Bearer bad", "X-Remote-User: admin"),
                List.of("Authorization: Bearer good", "Authorization: Bearer good"),
                List.of("Authorization: Bearer good bad"),
                List.of("Authorization: Bearer good,"))) {
            cases.add(new Case(Peer.NOBODY, lines, 401, "", List.of()));
        }
        for (var line : List.of(
                "Authorization: Basic YWRtaW46YWRtaW4=",
                "Authorization: Bearer",
                "Authorization: good",
                "X-API-Key: good",
                "Cookie: token=good")) {
            cases.add(new Case(Peer.NOBODY, List.of(line), 200, "system:anonymous", List.of("system:unauthenticated")));
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void getsWhatHeProved(Case given) throws Exception {
        try (var client = kube.connect(certificate(given.peer))) {
            var answer = client.call("POST", EXEC, given.lines.toArray(new String[0]));
            assertThat(answer.status()).isEqualTo(given.status);
        }
        if (given.status != 200) {
            assertThat(EXEC_CALLS.calls).isEmpty();
            return;
        }
        var call = EXEC_CALLS.calls.remove();
        assertThat(call.user().name()).isEqualTo(given.name);
        assertThat(call.user().groups()).isEqualTo(given.groups);
        assertThat(call.user().extra()).isEmpty();
        assertThat(call.headers().keySet())
                .noneMatch(name -> name.replace('_', '-').matches("(x-remote-|impersonate-|authorization).*"));
    }

    private static Certificates.@Nullable Pair certificate(Peer peer) {
        return switch (peer) {
            case NOBODY -> null;
            case STRANGER -> new Certificates("stranger-ca").client("CN=carol");
            case CAROL -> kube.clientAuthority.client("O=dev,CN=carol");
            case CAROL_NAMED_LIKE_THE_PROXY -> kube.clientAuthority.client("CN=front-proxy-client");
            case MASTERS_BY_A_STRANGER -> new Certificates("client-ca").client("O=system:masters,CN=admin");
            case EXPIRED_CAROL -> kube.clientAuthority.expiredClient("CN=carol");
            case PROXY_OF_ANOTHER_NAME -> kube.proxyAuthority.client("CN=someone");
            case EXPIRED_PROXY -> kube.proxyAuthority.expiredClient("CN=front-proxy-client");
            case FUTURE_PROXY -> kube.proxyAuthority.futureClient("CN=front-proxy-client");
            case PROXY_FOR_SERVERS -> kube.proxyAuthority.server("front-proxy-client");
            case FOREIGN_PROXY -> new Certificates("front-proxy-ca").client("CN=front-proxy-client");
            case PROXY -> kube.proxy;
        };
    }
}
