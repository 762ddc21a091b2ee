package io.agenttier.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.route.ByteSocket;
import io.agenttier.apiserver.route.ClientGoneException;
import io.agenttier.apiserver.route.Exchange;
import io.agenttier.apiserver.route.Incoming;
import io.agenttier.apiserver.telemetry.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that carry bytes after 101, over TLS. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RawSocketTest {
    private static final int MANY = 16 << 20;

    private final Certificates authority = new Certificates("server-ca");
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    private HttpServer server;
    private volatile Use use = _ -> {};

    interface Use {
        void serve(ByteSocket socket) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        var tls = new ServingTls();
        var pair = authority.server(RawClient.SERVER_NAME);
        tls.use(pair.key(), pair.chain());
        server = HttpServer.start(
                0, tls, HttpLimits.of(1 << 20, 1000), this::serve, new Metrics(), InstantSource.system());
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    private void serve(Incoming incoming, Exchange exchange) {
        try {
            use.serve(exchange.pass(Map.of("Upgrade", "websocket", "Connection", "Upgrade", "X-Own", "1")));
        } catch (IOException | RuntimeException e) {
            ended.complete(e);
        }
    }

    private RawClient client() throws Exception {
        var client = new RawClient(server.port(), authority.authority(), null);
        client.send("GET /x HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\n\n");
        var answer = client.readHead();
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.header("x-own")).isEqualTo("1");
        return client;
    }

    @Test
    void carriesManyBytesBothWays() throws Exception {
        use = socket -> {
            var buffer = new byte[10_000];
            while (true) {
                int count = socket.read(buffer);
                socket.write(buffer, 0, count);
            }
        };
        var bytes = new byte[MANY];
        new Random(1).nextBytes(bytes);
        try (var client = client()) {
            var sent = CompletableFuture.runAsync(() -> {
                try {
                    client.sendBytes(bytes);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.exactly(MANY)).isEqualTo(bytes);
            sent.join();
        }
        assertThat(ended.join()).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void readsTheNetworkNoFasterThanItIsRead() throws Exception {
        var mayRead = new Semaphore(0);
        use = socket -> {
            mayRead.acquireUninterruptibly();
            var buffer = new byte[10_000];
            while (true) {
                var _ = socket.read(buffer);
            }
        };
        try (var client = client()) {
            var sending = Thread.ofVirtual().start(() -> {
                try {
                    client.sendBytes(new byte[MANY]);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(sending.join(Duration.ofMillis(500))).isFalse();
            mayRead.release();
            sending.join();
        }
    }

    @Test
    void closesAfterWhatWasSentWhenTheCallIsOver() throws Exception {
        use = socket -> socket.write(new byte[] {1, 2, 3}, 0, 3);
        try (var client = client()) {
            assertThat(client.exactly(3)).containsExactly(1, 2, 3);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void isToldWhenTheServerStops() throws Exception {
        use = socket -> {
            socket.onGoingAway(socket::close);
            var _ = socket.read(new byte[1]);
        };
        try (var client = client()) {
            client.sendBytes(new byte[0]);
            server.stop(Duration.ZERO);
            assertThat(client.isClosed()).isTrue();
        }
        assertThat(ended.join()).isInstanceOf(ClientGoneException.class);
    }
}
