package io.agenttier.apiserver.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.AgentState;
import io.agenttier.apiserver.resource.Lifecycle;
import io.agenttier.apiserver.resource.SandboxState;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The adapters against an API server that answers with prepared documents. */
@Timeout(60)
class SandboxStoreTest {
    private static final Duration SILENCE = Duration.ofMillis(500);
    private static final String OBJECTS = "/apis/agenttier.io/v1alpha1";
    private static final String SANDBOX = """
            {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","metadata":{"namespace":"team1","name":"web","uid":"u1","resourceVersion":"5",
             "managedFields":[{"manager":"x"}]},"spec":{"image":{"repository":"busybox"},"autoResume":true,"powerState":"Running","startRequestedAt":"2026-01-01T00:00:05Z","futureField":{"a":1},"ports":[{"port":8080,"protocol":"http"}]},
             "status":{"phase":"Running","lastActivityTimestamp":"2026-01-01T00:01:00Z","futureField":true,"forwardedPorts":[{"port":3000}],"stopped":{"time":"2026-01-01T00:00:00Z","reason":"Requested"}}}""";

    @SuppressWarnings("InlineFormatString")
    private static final String POD = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"team1","name":"web-pod","uid":"p1","resourceVersion":"6",
             "annotations":{"agenttier.io/idle-timeout":"1h","other":"x"},"labels":{"agenttier.io/managed":"true","agenttier.io/sandbox":"web","agenttier.io/incarnation":"0a1b2c3d"},
             "ownerReferences":[{"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox","name":"web","uid":"%s","controller":true}]},
             "status":{"phase":"%s","podIP":"10.0.0.7","conditions":[{"type":"Ready","status":"True"}]}}""";

    private final Map<String, String> documents = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch watchesEnd = new CountDownLatch(1);
    /** Status of every answer that has a document. */
    private volatile int refusal = 200;

    private HttpServer server;
    private KubeConnection kube;
    private SandboxStore store;
    private SandboxPower power;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        var base = "http://127.0.0.1:%d".formatted(server.getAddress().getPort());
        kube = new KubeConnection(
                new ApiClient().setBasePath(base), KubeConnection.watching(new ApiClient().setBasePath(base), SILENCE));
        store = new SandboxStore(kube);
        power = new SandboxPower(kube);
        documents.put(OBJECTS + "/sandboxes", list("agenttier.io/v1alpha1", "Sandbox", SANDBOX));
        documents.put("/api/v1/pods", list("v1", "Pod", pod("u1", "Running")));
        documents.put(OBJECTS + "/namespaces/team1/sandboxes/web", SANDBOX);
        documents.put(
                "/api/v1/namespaces/team1/pods", list("v1", "Pod", pod("u1", "Running"), pod("other", "Running")));
    }

    @AfterEach
    void stop() {
        watchesEnd.countDown();
        store.close();
        server.stop(0);
    }

    @Test
    void findsASandboxWithItsOwnPodInTheCache() {
        store.start();
        await().until(store::isLoaded);
        var state = store.cached("team1", "web").orElseThrow();
        assertThat(state)
                .isEqualTo(new SandboxState(
                        "team1",
                        "web",
                        "u1",
                        "Running",
                        false,
                        Instant.parse("2026-01-01T00:00:00Z"),
                        List.of(new SandboxState.Pod("web-pod", "10.0.0.7", "0a1b2c3d", true, false)),
                        new Lifecycle(
                                true,
                                "Requested",
                                true,
                                false,
                                Duration.ofHours(1),
                                Instant.parse("2026-01-01T00:01:00Z"),
                                false),
                        new TreeSet<>(List.of(3000, 8080)),
                        AgentState.CODE));
        assertThat(store.cached("team2", "web")).isEmpty();
        assertThat(requests)
                .anyMatch(
                        r -> r.contains("/api/v1/pods?") && r.contains("labelSelector=agenttier.io%2Fmanaged%3Dtrue"));
    }

    @Test
    void oneSandboxThatCannotBeReadKeepsNoOtherFromBeingServed() {
        var bad = SANDBOX.replace("\"web\"", "\"bad\"")
                .replace("\"autoResume\":true", "\"autoResume\":[7]")
                .replace("\"stopped\":{", "\"conditions\":\"none\",\"stopped\":{");
        documents.put(OBJECTS + "/sandboxes", list("agenttier.io/v1alpha1", "Sandbox", bad, SANDBOX));
        store.start();
        await().until(store::isLoaded);
        assertThat(store.cached("team1", "web").orElseThrow().phase()).isEqualTo("Running");
        assertThat(store.cached("team1", "bad").orElseThrow().phase())
                .as("what cannot be read is not served")
                .isNotEqualTo("Running");
    }

    @Test
    void aWatchThatFallsSilentIsBegunAnew() {
        store.start();
        await().until(store::isLoaded);
        documents.put(
                OBJECTS + "/sandboxes",
                list("agenttier.io/v1alpha1", "Sandbox", SANDBOX.replace("\"web\"", "\"late\"")));
        await().until(() -> store.cached("team1", "late").isPresent());
        assertThat(requests.stream().filter(r -> r.contains("watch=true")))
                .as("silence is a sign only where the server ends a watch before")
                .allMatch(r -> r.contains("timeoutSeconds=120"));
    }

    @Test
    void readsLiveAndLeavesOutPodsOfAnotherOwner() {
        assertThat(store.live("team1", "web").orElseThrow().pods()).hasSize(1);
        assertThat(requests)
                .anyMatch(r ->
                        r.contains("/api/v1/namespaces/team1/pods?") && r.contains("agenttier.io%2Fsandbox%3Dweb"));
    }

    @Test
    void leavesOutPodsWhoseContainersHaveEnded() {
        documents.put("/api/v1/namespaces/team1/pods", list("v1", "Pod", pod("u1", "Failed"), pod("u1", "Succeeded")));
        assertThat(store.live("team1", "web").orElseThrow().pods()).isEmpty();
    }

    @Test
    void findsNothingWhereThereIsNone() {
        assertThat(store.live("team1", "gone")).isEmpty();
    }

    @Test
    void refusesNobodyWithoutAnAnswer() {
        server.stop(0);
        assertThatThrownBy(() -> store.live("team1", "web"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class));
    }

    @Test
    void writesTheStopToExactlyTheSandboxThatWasSeen() {
        power.stop(store.live("team1", "web").orElseThrow(), "alice");
        assertThat(requests.getLast())
                .startsWith("PATCH " + OBJECTS + "/namespaces/team1/sandboxes/web?")
                .contains("fieldManager=agenttier-power")
                .contains("force=true")
                .endsWith("""
                         application/apply-patch+yaml {"apiVersion":"agenttier.io/v1alpha1","kind":"Sandbox",\
                        "metadata":{"namespace":"team1","name":"web","uid":"u1",\
                        "annotations":{"agenttier.io/power-requested-by":"alice"}},"spec":{"powerState":"Stopped"}}""");
    }

    @Test
    void writesWhenTheStartWasAskedFor() {
        power.resume(
                store.live("team1", "web").orElseThrow(),
                "x".repeat(300),
                Instant.parse("2026-01-01T00:00:01.5Z"),
                true);
        assertThat(requests.getLast())
                .contains("\"powerState\":\"Running\"", "\"startRequestedAt\":\"2026-01-01T00:00:01.500Z\"")
                .contains("\"" + "x".repeat(256) + "\"", "\"agenttier.io/new-volume\":\"2026-01-01T00:00:01.500Z\"");
    }

    @Test
    void writesTheLastUseToStatusOfExactlyThatSandbox() throws IOException {
        var seen = store.live("team1", "web").orElseThrow();
        documents.put(OBJECTS + "/namespaces/team1/sandboxes/web/status", SANDBOX);
        new SandboxActivity(kube).write(seen, Instant.parse("2026-01-01T00:02:00.1234Z"));
        assertThat(requests.getLast())
                .startsWith("PATCH " + OBJECTS + "/namespaces/team1/sandboxes/web/status?")
                .contains("fieldManager=agenttier-activity", "application/apply-patch+yaml", "\"uid\":\"u1\"")
                .contains("\"status\":{\"lastActivityTimestamp\":\"2026-01-01T00:02:00.123Z\"}");
    }

    @Test
    @Timeout(20)
    void newsComeWithTheCacheAndEndWithTheWaiter() throws InterruptedException {
        try (var news = store.news("team1", "web")) {
            store.start();
            // its pod may come into the cache, and be news of it, before the sandbox itself
            while (store.cached("team1", "web").isEmpty()) {
                news.await(Duration.ofSeconds(30));
            }
        }
    }

    @Test
    void isAConflictWhenTheSandboxWasReplaced() {
        var seen = store.live("team1", "web").orElseThrow();
        documents.remove(OBJECTS + "/namespaces/team1/sandboxes/web");
        assertThatThrownBy(() -> power.stop(seen, "alice"))
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.error()).isInstanceOf(ApiError.Conflict.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "422|metadata.uid|was deleted or replaced meanwhile",
                "422|spec.timeout|as it is stored is no longer valid",
                "403|x|its role lacks patch",
                "500|x|kube-apiserver answered 500"
            })
    void saysWhyThePowerStateWasNotWritten(int status, String field, String message) {
        var seen = store.live("team1", "web").orElseThrow();
        refusal = status;
        documents.put(
                OBJECTS + "/namespaces/team1/sandboxes/web",
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":%d,\"details\":{\"causes\":[{\"field\":\"%s\"}]}}"
                        .formatted(status, field));
        assertThatThrownBy(() -> power.stop(seen, "alice")).hasMessageContaining(message);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            var uri = exchange.getRequestURI();
            var query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            requests.add("%s %s?%s %s %s".formatted(exchange.getRequestMethod(), uri.getPath(), query, type, body));
            if (query.contains("watch=true")) {
                exchange.sendResponseHeaders(200, 0);
                watchesEnd.await();
                return;
            }
            var document = documents.get(uri.getPath());
            var answer = document == null
                    ? "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404,\"reason\":\"NotFound\"}"
                    : document;
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            var bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(document == null ? 404 : refusal, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String pod(String ownerUid, String phase) {
        return POD.formatted(ownerUid, phase);
    }

    private static String list(String apiVersion, String kind, String... items) {
        return "{\"apiVersion\":\"%s\",\"kind\":\"%sList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[%s]}"
                .formatted(apiVersion, kind, String.join(",", items));
    }
}
