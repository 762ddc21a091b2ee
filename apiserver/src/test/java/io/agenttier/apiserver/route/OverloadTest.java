package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.http.RawClient;
import io.agenttier.apiserver.http.WebSocketPeer;
import io.agenttier.apiserver.route.WebSocket.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server answers to those who ask too much, while others are served. */
@Timeout(60)
class OverloadTest {
    private static final String LOG = Aggregator.path("namespaces/team1/sandboxes/web/log");
    private static final TokenBucket.Rate SLOW = new TokenBucket.Rate(1, 2);

    private final Scripted ok = new Scripted("log", (call, exchange) -> exchange.answer(Answers.text(200, "ok")));

    private static void assertRefused(RawClient.Answer answer, String retryAfter, String words) throws Exception {
        assertThat(answer.status()).as(answer.text()).isEqualTo(429);
        assertThat(answer.header("retry-after")).isEqualTo(retryAfter);
        assertThat(answer.text())
                .contains(
                        "\"kind\":\"Status\"", "\"reason\":\"TooManyRequests\"", "\"retryAfterSeconds\":" + retryAfter)
                .contains(words);
    }

    private static void assertCounted(Aggregator kube, String kind, int times) {
        assertThat(kube.metrics.text())
                .contains("agenttier_ratelimit_rejected_total{kind=\"%s\",} %d.0".formatted(kind, times));
    }

    @Test
    void boundsTheRateOfAUserAndServesOthers() throws Exception {
        try (var kube = new Aggregator(bounds(100), SLOW, Aggregator.OFF, ok)) {
            assertThat(kube.as("hasty", "GET", LOG).status()).isEqualTo(200);
            assertThat(kube.as("hasty", "GET", LOG).status()).isEqualTo(200);
            var refused = kube.as("hasty", "GET", LOG);
            assertRefused(
                    refused, "1", "\"causes\":[{\"reason\":\"rate_limited\",\"field\":\"user\",\"message\":\"1\"}]");
            assertThat(kube.as("hasty", "GET", LOG, "Connection: Upgrade", "Upgrade: websocket")
                            .status())
                    .as("what is no WebSocket, whatever it says")
                    .isEqualTo(429);
            assertCounted(kube, "user", 2);
            assertThat(kube.as("calm", "GET", LOG).status()).isEqualTo(200);
            assertThat(kube.as("hasty", "GET", "/apis/agenttier.io/subresources-v1alpha1")
                            .status())
                    .as("by which kube-apiserver judges the server")
                    .isEqualTo(200);
            kube.now = kube.now.plusSeconds(1);
            assertThat(kube.as("hasty", "GET", LOG).status()).isEqualTo(200);
            assertThat(kube.as("hasty", "GET", LOG).status()).isEqualTo(429);
        }
    }

    @Test
    void boundsTheRateOfAnAddressByTheHopThatKubeApiserverSaw() throws Exception {
        try (var kube = new Aggregator(bounds(100), Aggregator.OFF, SLOW, ok)) {
            for (int i = 0; i < 2; i++) {
                assertThat(kube.as("user-" + i, "GET", LOG, "X-Forwarded-For: 198.51.100.%d, 192.0.2.1".formatted(i))
                                .status())
                        .isEqualTo(200);
            }
            assertRefused(
                    kube.as("user-3", "GET", LOG, "X-Forwarded-For: 198.51.100.9, 192.0.2.1"), "1", "\"field\":\"ip\"");
            assertCounted(kube, "ip", 1);
            assertThat(kube.as("user-3", "GET", LOG, "X-Forwarded-For: 192.0.2.1, 192.0.2.2")
                            .status())
                    .isEqualTo(200);
            for (int i = 0; i < 4; i++) {
                assertThat(kube.as("system:aggregator", "GET", LOG).status())
                        .as("a call of kube-apiserver's own")
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void boundsTheRateOfAddressesBeforeAnybodyIsAskedWhoseTokenItIs() throws Exception {
        try (var kube = new Aggregator(bounds(100), Aggregator.OFF, SLOW, ok)) {
            for (int i = 0; i < 2; i++) {
                assertThat(direct(kube, "invented-" + i).status()).isEqualTo(401);
            }
            kube.tokenReviewer = token -> {
                throw new IOException("not to be asked");
            };
            assertRefused(direct(kube, "invented-3"), "1", "\"field\":\"ip\"");
        }
    }

    @Test
    void doesNotCountWebSockets() throws Exception {
        try (var kube = new Aggregator(bounds(100), SLOW, SLOW, holding(new Semaphore(0)))) {
            for (int i = 0; i < 5; i++) {
                try (var peer = new WebSocketPeer(kube.connect(kube.proxy))) {
                    assertThat(peer.handshake(
                                            LOG.replace("log", "attach"),
                                            "X-Remote-User: alice",
                                            "X-Forwarded-For: 192.0.2.1")
                                    .status())
                            .isEqualTo(101);
                }
            }
        }
    }

    @Test
    void boundsTheWebSocketsOfAUserApartFromHisRequests() throws Exception {
        var left = new Semaphore(0);
        try (var kube = new Aggregator(new InFlight.Bounds(3, 2), Aggregator.OFF, Aggregator.OFF, holding(left), ok)) {
            var peers = new ArrayList<WebSocketPeer>();
            for (int i = 0; i < 2; i++) {
                peers.add(attach(kube, "greedy", 101));
            }
            attach(kube, "greedy", 429).close();
            assertCounted(kube, "websockets_of_user", 1);
            peers.add(attach(kube, "modest", 101));
            attach(kube, "late", 429).close();
            assertCounted(kube, "websockets", 1);
            assertThat(kube.as("greedy", "GET", LOG).status()).isEqualTo(200);
            peers.getFirst().close();
            assertThat(left.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptionsInstanceOf(AssertionError.class)
                    .until(() -> {
                        attach(kube, "late", 101).close();
                        return true;
                    });
            for (var peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void reviewsOnlySoManyTokensAtOnceAndServesWhoeverNeedsNone() throws Exception {
        try (var kube = new Aggregator(ok)) {
            kube.tokens.put("known", new User("robot", "", List.of(), Map.of()));
            assertThat(direct(kube, "known").status()).isEqualTo(200);
            var asked = new CountDownLatch(Aggregator.TOKEN_REVIEWS);
            var answer = new CountDownLatch(1);
            kube.tokenReviewer = token -> {
                asked.countDown();
                await(answer);
                return Optional.empty();
            };
            var waiting = new ArrayList<RawClient>();
            for (int i = 0; i < Aggregator.TOKEN_REVIEWS; i++) {
                waiting.add(kube.connect(null).send(request("invented-" + i)));
            }
            await(asked);
            for (int i = 0; i < 10; i++) {
                assertRefused(direct(kube, "flood-" + i), "1", "%d at once".formatted(Aggregator.TOKEN_REVIEWS));
            }
            assertCounted(kube, "tokens", 10);
            assertThat(direct(kube, "known").status()).as("who is known").isEqualTo(200);
            assertThat(kube.as("alice", "GET", LOG).status())
                    .as("who comes through kube-apiserver")
                    .isEqualTo(200);
            answer.countDown();
            for (var client : waiting) {
                assertThat(client.read(false).status()).isEqualTo(401);
                client.close();
            }
            assertThat(direct(kube, "flood-1").status())
                    .as("a refusal is not remembered")
                    .isEqualTo(401);
        }
    }

    @Test
    void leavesPlacesToOthersWhenOneUserFloods() throws Exception {
        var running = new Semaphore(0);
        var go = new CountDownLatch(1);
        var slow = new Scripted("log", (call, exchange) -> {
            if (call.user().name().equals("greedy")) {
                running.release();
                await(go);
            }
            exchange.answer(Answers.text(200, "ok"));
        });
        try (var kube = new Aggregator(new InFlight.Bounds(20, 10), Aggregator.OFF, Aggregator.OFF, slow)) {
            var flood = new ArrayList<RawClient>();
            for (int i = 0; i < 30; i++) {
                flood.add(
                        kube.connect(kube.proxy).send("GET " + LOG + " HTTP/1.1\nHost: x\nX-Remote-User: greedy\n\n"));
            }
            assertThat(running.tryAcquire(10, 20, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 50; i++) {
                assertThat(kube.as("modest", "GET", LOG).status()).isEqualTo(200);
            }
            go.countDown();
            int served = 0;
            for (var client : flood) {
                served += client.read(false).status() == 200 ? 1 : 0;
                client.close();
            }
            assertThat(served).isEqualTo(10);
            assertCounted(kube, "requests_of_user", 20);
        }
    }

    private static InFlight.Bounds bounds(int places) {
        return new InFlight.Bounds(places, places);
    }

    /** A WebSocket that is held until its client leaves. */
    private static Scripted holding(Semaphore left) {
        return new Scripted("attach", (call, exchange) -> {
            var agreed =
                    new WebSocketOffer.Agreed(call.header("sec-websocket-key").orElse(""), "v5.channel.k8s.io");
            try {
                var socket = exchange.upgrade(agreed, Map.of());
                while (socket.receive(Duration.ofSeconds(20)) instanceof Received.Piece) {}
            } finally {
                left.release();
            }
        });
    }

    private static WebSocketPeer attach(Aggregator kube, String user, int expected) throws Exception {
        var peer = new WebSocketPeer(kube.connect(kube.proxy));
        assertThat(peer.handshake(LOG.replace("log", "attach"), "X-Remote-User: " + user)
                        .status())
                .isEqualTo(expected);
        return peer;
    }

    private static String request(String token) {
        return "GET " + LOG + " HTTP/1.1\nHost: x\nAuthorization: Bearer " + token + "\n\n";
    }

    private static RawClient.Answer direct(Aggregator kube, String token) throws Exception {
        try (var client = kube.connect(null)) {
            return client.send(request(token)).read(false);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("nothing came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
