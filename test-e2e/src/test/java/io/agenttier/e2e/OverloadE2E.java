package io.agenttier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agenttier.e2e.client.KubeApi;
import io.agenttier.e2e.client.RawSocket;
import io.agenttier.e2e.cluster.ApiserverMetrics;
import io.agenttier.e2e.cluster.Cluster;
import io.agenttier.e2e.cluster.ClusterExtension;
import io.agenttier.e2e.cluster.Programs;
import io.agenttier.e2e.cluster.Size;
import io.agenttier.e2e.cluster.TestNamespace;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One user or client that asks too much, and the others beside it. Calls of {@code exec} and {@code attach} are long-running for
 * kube-apiserver, whose priorities and fairness let them pass: what bounds them is ours. Adds to {@code build/bench/overload.md}.
 */
@Tag("disruptive")
@Timeout(1800)
@ExtendWith(ClusterExtension.class)
class OverloadE2E {
    private static final long OUTPUT = Size.of(200, 10_000) * 1_000_000L;
    /** Default of {@code sandboxd.spoolBytes}: beyond it a process waits for its reader. */
    private static final long SPOOL = 1L << 30;

    private static final int SOCKETS = Size.of(500, 8000);
    /** Below {@code apiserver.limits.callsPerSandbox}, even if one replica gets all of them. */
    private static final int SOCKETS_OF_A_SANDBOX = 80;

    /** Below {@code apiserver.limits.webSocketsPerUser}. */
    private static final int SOCKETS_OF_A_USER = 400;

    private static final int HANDSHAKES = 32;
    private static final int ROUNDS = Size.of(100, 1000);
    private static final int FLOOD = Size.of(64, 256);
    private static final Map<String, ?> TRUE = Map.of("command", List.of("true"));

    @BeforeAll
    static void users(TestNamespace namespace) {
        var arguments =
                new ArrayList<>(List.of("create", "rolebinding", "crowd", "--clusterrole=agenttier-sandbox-editor"));
        arguments.addAll(List.of("--user=greedy", "--user=modest"));
        for (var i = 0; i <= SOCKETS / SOCKETS_OF_A_USER; i++) arguments.add("--user=" + user(i));
        namespace.kubectl().run(arguments.toArray(String[]::new)).orThrow();
    }

    @Test
    void clientsThatTakeNothingHoldTheirProcessAndNobodyElse(TestNamespace namespace, Cluster cluster)
            throws Exception {
        var byEvents = namespace.ready();
        var bySocket = namespace.ready();
        var other = namespace.ready();
        var script = "yes 0123456789abcdef | head -c " + OUTPUT;
        var leave = new CountDownLatch(1);
        var path = "exec?stdout=true&onDisconnect=keep&process=unread&command=sh&command=-c&command="
                + URLEncoder.encode(script, StandardCharsets.UTF_8);
        var response = namespace
                .api()
                .with("Accept", "text/event-stream")
                .open(
                        "POST",
                        namespace.path(byEvents, "exec?onDisconnect=keep"),
                        KubeApi.bytes(Map.of("script", script, "process", "unread")),
                        "application/json");
        try (response) {
            assertThat(response.code()).isEqualTo(200);
            var socket = namespace.api().socket(namespace.path(bySocket, path), "v5.channel.k8s.io", new Unread(leave));
            for (var sandbox : List.of(byEvents, bySocket)) {
                var process = atRest(namespace, sandbox);
                if (OUTPUT > SPOOL) {
                    assertThat(process.get("running").asBoolean())
                            .as("%s waits for its reader", process)
                            .isTrue();
                    assertThat(process.get("bytesStdout").asLong()).isLessThan(OUTPUT);
                } else {
                    assertThat(process.get("bytesStdout").asLong()).isEqualTo(OUTPUT);
                }
            }
            for (var i = 0; i < 20; i++) assertServed(namespace, namespace.api(), other);
            socket.cancel();
        } finally {
            leave.countDown();
        }
        assertMemory(cluster, "2 clients that take none of %d MB".formatted(OUTPUT / 1_000_000));
        for (var sandbox : List.of(byEvents, bySocket)) {
            namespace.api().delete(namespace.path(sandbox, "processes?process=unread&signal=KILL"));
        }
    }

    @Test
    void holdsManyIdleWebSocketsAndLetsGoOfAll(TestNamespace namespace, Cluster cluster) throws Exception {
        var sandboxes = idleSandboxes(namespace);
        var before = sockets(cluster);
        var api = namespace.api().holding(SOCKETS + HANDSHAKES);
        var listeners = new ArrayList<RawSocket>();
        var opened = new ArrayList<WebSocket>();
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var handshakes = new Semaphore(HANDSHAKES);
            var opening = new ArrayList<Future<Integer>>();
            for (var i = 0; i < SOCKETS; i++) {
                handshakes.acquire();
                var listener = new RawSocket();
                var path = namespace.path(sandboxes.get(i % sandboxes.size()), "attach?process=idle");
                opened.add(api.as(user(i / SOCKETS_OF_A_USER)).socket(path, "v5.channel.k8s.io", listener));
                listeners.add(listener);
                opening.add(workers.submit(() -> {
                    try {
                        return listener.answer().code();
                    } finally {
                        handshakes.release();
                    }
                }));
            }
            for (var i = 0; i < SOCKETS; i++) {
                assertThat(opening.get(i).get()).as(listeners.get(i).refusal()).isEqualTo(101);
            }
        }
        assertThat(sockets(cluster)).isEqualTo(before + SOCKETS);
        for (var i = 0; i < 20; i++) assertServed(namespace, namespace.api(), sandboxes.getFirst());
        assertMemory(cluster, "%d idle WebSockets".formatted(SOCKETS));

        for (var socket : opened) assertThat(socket.close(1000, null)).isTrue();
        for (var listener : listeners) assertThat(listener.closeCode()).isEqualTo(1000);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(sockets(cluster)).isEqualTo(before));
    }

    @Test
    void aFloodOfOneUserIsNoErrorForAnother(TestNamespace namespace, Cluster cluster) throws Exception {
        var flooded = namespace.ready();
        var quiet = namespace.ready();
        var modest = namespace.api().as("modest");
        for (var i = 0; i < ROUNDS; i++) assertServed(namespace, modest, quiet);
        var alone = p99(namespace, modest, quiet);

        var over = new AtomicBoolean();
        var served = new AtomicInteger();
        var refused = new AtomicInteger();
        double beside;
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var greedy = namespace.api().as("greedy");
            var flood = new ArrayList<Future<?>>();
            for (var i = 0; i < FLOOD; i++) {
                flood.add(clients.submit(() -> {
                    while (!over.get()) {
                        var reply = greedy.post(namespace.path(flooded, "exec"), TRUE);
                        assertThat(reply.code()).as(reply.text()).isIn(200, 429);
                        if (reply.code() == 429) {
                            assertThat(reply.headers().get("Retry-After")).isNotNull();
                            assertThat(reply.json()
                                            .at("/details/retryAfterSeconds")
                                            .asInt())
                                    .isPositive();
                        }
                        (reply.code() == 200 ? served : refused).incrementAndGet();
                    }
                    return null;
                }));
            }
            try {
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> served.get() > FLOOD);
                beside = p99(namespace, modest, quiet);
            } finally {
                over.set(true);
            }
            for (var client : flood) client.get();
        }
        assertMemory(
                cluster,
                "%d clients of one user, %d calls served and %d refused; p99 of another %.1f ms, alone %.1f ms"
                        .formatted(FLOOD, served.get(), refused.get(), beside, alone));
        if (Size.of(0, 1) == 1)
            assertThat(beside / alone).as("p99 beside the flood").isLessThanOrEqualTo(2);
    }

    private static String user(int index) {
        return "crowd-" + index;
    }

    private static double sockets(Cluster cluster) {
        return ApiserverMetrics.sum(cluster, "agenttier_apiserver_websockets", "subresource=\"attach\"");
    }

    /** Each with a process that does nothing. */
    private static List<String> idleSandboxes(TestNamespace namespace) {
        var sandboxes = new ArrayList<String>();
        for (var i = 0; i <= SOCKETS / SOCKETS_OF_A_SANDBOX; i++) sandboxes.add(namespace.apply("test-busybox"));
        for (var sandbox : sandboxes) {
            namespace.awaitReady(sandbox);
            var reply = namespace
                    .api()
                    .post(
                            namespace.path(sandbox, "exec"),
                            Map.of("command", List.of("sleep", "3600"), "process", "idle", "detach", true));
            assertThat(reply.code()).as(reply.text()).isEqualTo(202);
        }
        return sandboxes;
    }

    /** The one process of the sandbox, once it writes nothing more. */
    private static JsonNode atRest(TestNamespace namespace, String sandbox) {
        return Awaitility.await("output of " + sandbox + " at rest")
                .atMost(Duration.ofSeconds(Size.of(30, 55)))
                .pollInterval(Duration.ofSeconds(1))
                .until(new Stable(namespace, sandbox)::look, process -> process.has("id"));
    }

    /** Whether two looks see the same. */
    private static final class Stable {
        private final TestNamespace namespace;
        private final String sandbox;
        private long last;

        Stable(TestNamespace namespace, String sandbox) {
            this.namespace = namespace;
            this.sandbox = sandbox;
        }

        /** The process if it has written nothing since the last look, else an empty object. */
        JsonNode look() {
            var process = namespace
                    .api()
                    .get(namespace.path(sandbox, "processes"))
                    .json()
                    .at("/items/0");
            var written = process.path("bytesStdout").asLong();
            var rests = written > 0 && written == last;
            last = written;
            return rests ? process : KubeApi.json("{}");
        }
    }

    private static void assertServed(TestNamespace namespace, KubeApi api, String sandbox) {
        var reply = api.post(namespace.path(sandbox, "exec"), TRUE);
        assertThat(reply.code()).as(reply.text()).isEqualTo(200);
        assertThat(reply.json().get("exitCode").asInt()).isZero();
    }

    /** Milliseconds. */
    private static double p99(TestNamespace namespace, KubeApi api, String sandbox) {
        var times = new ArrayList<Double>();
        for (var i = 0; i < ROUNDS; i++) {
            var begun = System.nanoTime();
            assertServed(namespace, api, sandbox);
            times.add((System.nanoTime() - begun) / 1e6);
        }
        return times.stream().sorted().toList().get(ROUNDS * 99 / 100);
    }

    private static void assertMemory(Cluster cluster, String after) throws IOException {
        var peaks = Programs.apiserverPeaks(cluster);
        var limit = Programs.apiserverLimit(cluster);
        var line = new StringBuilder("- ").append(after).append(": most resident of the replicas");
        peaks.values().forEach(peak -> line.append(" %.0f".formatted(peak / 1024.0)));
        line.append(" MiB, limit %.0f MiB%n".formatted(limit / 1024.0));
        System.out.print(line);
        Files.writeString(
                Files.createDirectories(Path.of("build/bench")).resolve("overload.md"),
                line,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        assertThat(peaks.values())
                .isNotEmpty()
                .allSatisfy(peak -> assertThat(peak).isLessThan(limit));
    }

    /** Takes the first message and nothing more until it may leave: OkHttp reads on only when this has returned. */
    private static final class Unread extends WebSocketListener {
        private final CountDownLatch leave;

        Unread(CountDownLatch leave) {
            this.leave = leave;
        }

        @Override
        public void onMessage(WebSocket socket, ByteString bytes) {
            try {
                leave.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
