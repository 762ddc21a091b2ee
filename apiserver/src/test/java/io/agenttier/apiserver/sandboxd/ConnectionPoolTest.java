package io.agenttier.apiserver.sandboxd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConnectionPoolTest {
    private static final PodAuthority CA = new PodAuthority();
    private static final SSLSocketFactory TLS = new PodTls().factory(List.of(CA.certificate()));

    private static final int OPEN_PER_POD = 20;

    private final FakeSandboxd pod = new FakeSandboxd(CA);
    private final AtomicLong now = new AtomicLong(1);
    private final AtomicInteger refused = new AtomicInteger();
    private final ConnectionPool pool =
            new ConnectionPool(new PodBound(OPEN_PER_POD, refused::incrementAndGet), now::get);

    @AfterEach
    void close() throws IOException {
        pool.close();
        pod.close();
    }

    @Test
    void givesBackTheConnectionUsedLast() throws IOException {
        var first = used(pool.acquire(pod.endpoint(), TLS));
        var second = used(pool.acquire(pod.endpoint(), TLS));
        pool.release(first);
        pool.release(second);
        assertThat(pool.acquire(pod.endpoint(), TLS)).isSameAs(second);
        assertThat(pool.acquire(pod.endpoint(), TLS)).isSameAs(first);
    }

    @Test
    void closesWhatHasRestedBeforeTheDaemonDoes() throws IOException {
        var connection = used(pool.acquire(pod.endpoint(), TLS));
        pool.release(connection);
        now.addAndGet(Duration.ofSeconds(45).toNanos());
        pool.sweep();
        assertThat(pool.acquire(pod.endpoint(), TLS)).isSameAs(connection);
        pool.release(connection);
        now.addAndGet(Duration.ofSeconds(46).toNanos());
        pool.sweep();
        assertThat(pool.acquire(pod.endpoint(), TLS)).isNotSameAs(connection);
    }

    @Test
    void cutsAPodThatDoesNotAnswerInTime() throws Exception {
        var connection = pool.acquire(pod.endpoint(), TLS);
        connection.within(Duration.ofSeconds(30));
        var reading = new CompletableFuture<IOException>();
        Thread.ofVirtual().start(() -> {
            try {
                connection.input().read();
            } catch (IOException e) {
                reading.complete(e);
            }
        });
        now.addAndGet(Duration.ofSeconds(29).toNanos());
        pool.sweep();
        assertThat(reading).isNotDone();
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        pool.sweep();
        assertThat(reading.get()).isInstanceOf(IOException.class);
    }

    @Test
    void opensNoMoreThanTheBoundForOnePod() throws IOException {
        var open = new ArrayList<Connection>();
        for (int i = 0; i < OPEN_PER_POD; i++) {
            open.add(pool.open(pod.endpoint(), TLS));
        }
        assertThatThrownBy(() -> pool.acquire(pod.endpoint(), TLS))
                .isInstanceOfSatisfying(
                        BusyException.class, e -> assertThat(e.limit()).isEqualTo(OPEN_PER_POD));
        assertThat(refused).hasValue(1);
        pool.discard(open.getFirst());
        assertThat(pool.acquire(pod.endpoint(), TLS)).isNotNull();
    }

    @Test
    void countsAConnectionOnceHoweverOftenItIsDiscarded() throws IOException {
        var connection = pool.open(pod.endpoint(), TLS);
        var other = used(pool.open(pod.endpoint(), TLS));
        pool.discard(connection);
        pool.discard(connection);
        pool.release(other);
        assertThat(pool.acquire(pod.endpoint(), TLS)).isSameAs(other);
    }

    @Test
    void usesNoConnectionOnWhichThePodHasSaidSomethingUnasked() throws IOException {
        pod.next((asked, to) -> to.json(200, "{}").raw("HTTP/1.1 200 OK\r\n"));
        var connection = pool.acquire(pod.endpoint(), TLS);
        exchange(connection);
        await().until(() -> {
            pool.release(connection);
            return pool.acquire(pod.endpoint(), TLS) != connection;
        });
    }

    @Test
    void keepsNothingAfterItWasClosed() throws IOException {
        var connection = pool.acquire(pod.endpoint(), TLS);
        pool.close();
        pool.release(connection);
        assertThat(pool.acquire(pod.endpoint(), TLS)).isNotSameAs(connection);
    }

    /** A connection that has served one request. */
    private Connection used(Connection connection) throws IOException {
        pod.next((asked, to) -> to.json(200, "{}"));
        exchange(connection);
        return connection;
    }

    private static void exchange(Connection connection) throws IOException {
        var request = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        connection.write(request, 0, request.length);
        assertThat(ResponseHead.read(connection.input()).status()).isEqualTo(200);
        assertThat(new LengthBody(connection.input(), 2).readAllBytes()).hasSize(2);
    }
}
