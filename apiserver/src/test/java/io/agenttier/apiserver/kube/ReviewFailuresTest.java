package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agenttier.apiserver.auth.AccessDecisions;
import io.agenttier.apiserver.auth.Authenticator;
import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kube-apiserver that is slow, gone or talks nonsense lets nobody in: neither by a right nor by a token. */
@Timeout(60)
class ReviewFailuresTest {
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final User ALICE = new User("alice", "", List.of(), Map.of());
    private static final String MAY = "{\"spec\":{},\"status\":{\"allowed\":true}}";
    private static final String IS_ALICE =
            "{\"spec\":{\"token\":\"t\"},\"status\":{\"authenticated\":true,\"user\":{\"username\":\"alice\"}}}";

    private final CountDownLatch over = new CountDownLatch(1);
    private ServerSocket listener;
    private volatile Script script = (_, _) -> {};

    /** What is done with a connection after a request; {@code yes} would be the body that grants what it asks for. */
    private interface Script {
        void play(Socket socket, String yes) throws IOException;
    }

    record Case(String name, Script script) {
        @Override
        public String toString() {
            return name.replaceAll("\\p{Cntrl}", "?");
        }
    }

    @BeforeEach
    void start() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!listener.isClosed()) {
                try {
                    var socket = listener.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void stop() throws IOException {
        over.countDown();
        listener.close();
    }

    private void serve(Socket socket) {
        try (socket) {
            var request = readRequest(socket.getInputStream());
            script.play(socket, request.contains("subjectaccessreviews") ? MAY : IS_ALICE);
        } catch (IOException e) {
            // the client has gone, as it should
        }
    }

    /** @return its head */
    private static String readRequest(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.append((char) b);
        }
        var length =
                java.util.regex.Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        if (length.find()) {
            in.skipNBytes(Long.parseLong(length.group(1)));
        }
        return head.toString();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    private static String answer(int status, String body, String... headers) {
        var more = new StringBuilder();
        for (var header : headers) {
            more.append(header).append("\r\n");
        }
        return "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s"
                .formatted(status, more, body.getBytes(StandardCharsets.UTF_8).length, body);
    }

    /** With the spec that was asked about, where there is a status: a review without it is refused for that alone. */
    private static Case says(String body) {
        return new Case("201 " + body, (socket, yes) -> {
            var spec = yes.substring(0, yes.indexOf("\"status\""));
            send(socket, answer(201, body.replace("{\"status\"", spec + "\"status\"")));
        });
    }

    private static Case fails(int status) {
        return new Case(status + " although it says yes", (socket, yes) -> send(socket, answer(status, yes)));
    }

    static Stream<Case> nonsense() {
        return Stream.of(
                says(""),
                says("null"),
                says("[]"),
                says("true"),
                says("\"yes\""),
                says("{}"),
                says("{\"status\":null}"),
                says("{\"status\":{}}"),
                says("{\"status\":[true]}"),
                says("{\"status\":\"Success\"}"),
                says("{\"kind\":\"Status\",\"status\":\"Success\",\"code\":200}"),
                says("{\"status\":{\"allowed\":null}}"),
                says("{\"status\":{\"authenticated\":null}}"),
                says("{\"status\":{\"allowed\":\"yes\"}}"),
                says("{\"status\":{\"authenticated\":\"yes\"}}"),
                says("{\"status\":{\"allowed\":{}}}"),
                says("{\"status\":{\"authenticated\":[]}}"),
                says("{\"status\":{\"allowed\":true,\"denied\":true}}"),
                says("{\"status\":{\"authenticated\":true}}"),
                says("{\"status\":{\"authenticated\":true,\"user\":{}}}"),
                says("{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"\"}}}"),
                says("{\"spec\":{\"allowed\":true,\"authenticated\":true},\"allowed\":true,\"authenticated\":true}"),
                says(MAY.substring(0, MAY.length() - 2)),
                says(IS_ALICE.substring(0, IS_ALICE.length() - 2)),
                says("<html>allowed</html>"),
                says("\0\0\0"),
                fails(400),
                fails(401),
                fails(403),
                fails(404),
                fails(409),
                fails(429),
                fails(500),
                fails(503),
                fails(504),
                new Case("closes", (socket, _) -> socket.close()),
                new Case("speaks no HTTP", (socket, _) -> send(socket, "220 smtp ready\r\n")),
                new Case(
                        "ends early",
                        (socket, yes) -> send(socket, answer(201, yes).substring(0, 120))));
    }

    @ParameterizedTest
    @MethodSource("nonsense")
    void allowsNothing(Case given) {
        script = given.script;
        refusesBoth();
    }

    private void refusesBoth() {
        assertThat(mayExec()).isFalse();
        assertThat(codeOfToken()).isIn(401, 500);
    }

    /** Whether Alice may; a review that fails is a refusal with 500. */
    private boolean mayExec() {
        try {
            return new AccessDecisions(new AccessReviews(client())).allowed(ALICE, "ns", "create", "exec", "web");
        } catch (ApiException e) {
            assertThat(e.error())
                    .isInstanceOfSatisfying(
                            ApiError.Internal.class,
                            error -> assertThat(error.message())
                                    .contains("could not be checked", "try again")
                                    .doesNotContain("Exception", "gson"));
            return false;
        }
    }

    /** The code that somebody with a token gets; 200 if he is taken for anybody. */
    private int codeOfToken() {
        var trust = new IdentityTrust(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
        var retry = new Retry(new Random(1), _ -> {}, InstantSource.system());
        var authenticator = new Authenticator(
                () -> Optional.of(trust), new TokenReviews(client(), retry), _ -> {}, InstantSource.system());
        try {
            authenticator.authenticate(List.of(), Map.of("authorization", List.of("Bearer t")));
            return 200;
        } catch (ApiException e) {
            return e.error() instanceof ApiError.Unauthorized ? 401 : e.error() instanceof ApiError.Internal ? 500 : 0;
        }
    }

    private ApiClient client() {
        var client = new ApiClient();
        client.setBasePath("http://127.0.0.1:" + listener.getLocalPort());
        return KubeConnection.calling(client, LIMIT);
    }

    @Test
    void endsWithinItsTimeWhenNothingComes() {
        script = (_, _) -> await();
        refusesBoth();
    }

    @Test
    void endsWithinItsTimeWhenAnAnswerComesByteByByte() {
        script = (socket, _) -> {
            send(socket, "HTTP/1.1 201 x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (!ended(Duration.ofMillis(20))) {
                send(socket, "1\r\n \r\n");
            }
        };
        refusesBoth();
    }

    @Test
    void followsNobodyElsewhere() throws IOException {
        try (var other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (var socket = other.accept()) {
                    var request = readRequest(socket.getInputStream());
                    send(socket, answer(200, request.contains("subjectaccessreviews") ? MAY : IS_ALICE));
                } catch (IOException e) {
                    // nobody came
                }
            });
            for (int status : new int[] {302, 307, 308}) {
                script = (socket, _) -> send(
                        socket, answer(status, "", "Location: http://127.0.0.1:%d/".formatted(other.getLocalPort())));
                refusesBoth();
            }
        }
    }

    @Test
    void refusesWhenNobodyListens() throws IOException {
        listener.close();
        refusesBoth();
    }

    /** The proof that the refusals above are not the stand-in's fault. */
    @Test
    void allowsWhenItSaysSo() {
        script = (socket, yes) -> send(socket, answer(201, yes));
        assertThat(mayExec()).isTrue();
        assertThat(codeOfToken()).isEqualTo(200);
    }

    @Test
    void giantsOutsideTheCacheAreBoundedToo() {
        script = (_, _) -> await();
        var giant = new User("alice", "", List.of("g".repeat(10_001)), Map.of());
        assertThatThrownBy(() ->
                        new AccessDecisions(new AccessReviews(client())).allowed(giant, "ns", "create", "exec", "web"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Internal.class));
    }

    private void await() {
        ended(Duration.ofSeconds(60));
    }

    private boolean ended(Duration time) {
        try {
            return over.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
