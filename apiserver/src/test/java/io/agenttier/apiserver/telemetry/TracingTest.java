package io.agenttier.apiserver.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What goes to a collector, and what becomes of calls when there is none, or none that answers. */
@Timeout(30)
class TracingTest {
    private static final InstantSource STILL = InstantSource.fixed(Instant.EPOCH);

    private record Posted(String line, String type, String body) {}

    private final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final Metrics metrics = new Metrics();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = (Logger) LoggerFactory.getLogger(Tracing.class);
    private HttpServer collector;
    private volatile int status = 200;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        collector.createContext("/", this::take);
        collector.start();
        lines.start();
        log.addAppender(lines);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
            var type = exchange.getRequestHeaders().getFirst("Content-Type");
            posted.add(new Posted(exchange.getRequestMethod() + " " + exchange.getRequestURI(), type, body));
            mayAnswer.await();
            exchange.sendResponseHeaders(status, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        log.detachAppender(lines);
        mayAnswer.countDown();
        collector.stop(0);
    }

    private Tracing tracing() {
        return to(collector.getAddress().getPort());
    }

    private Tracing to(int port) {
        var endpoint = URI.create("http://127.0.0.1:%d/base".formatted(port));
        return Tracing.to(new TraceExport(endpoint, 1), "0.1.0", metrics, STILL);
    }

    private static void trace(Tracing tracing, int requests) {
        for (int i = 0; i < requests; i++) {
            tracing.request("GET", List.of(), "exec", "get").ended(200);
        }
    }

    @Test
    void closingSendsWhatIsLeft() throws Exception {
        mayAnswer.countDown();
        var tracing = tracing();
        trace(tracing, 1);
        tracing.close();
        var post = posted.take();
        assertThat(post.line()).isEqualTo("POST /base/v1/traces");
        assertThat(post.type()).isEqualTo("application/x-protobuf");
        assertThat(post.body())
                .contains("apiserver.GET", "agenttier-apiserver", "0.1.0", "http.request.method", "subresource");
        assertThat(lines.list).isEmpty();
    }

    @Test
    void whatACollectorRefusesIsCountedAndLoggedOnceAMinute() throws Exception {
        mayAnswer.countDown();
        status = 400;
        var tracing = tracing();
        // two full batches
        trace(tracing, 1024);
        tracing.close();
        await().until(() ->
                metrics.text().contains("agenttier_errors_total{component=\"tracing\",reason=\"export\",} 2.0"));
        assertThat(lines.list).hasSize(1);
        assertThat(lines.list.getFirst().getFormattedMessage()).isEqualTo("spans are lost; calls go on");
    }

    @Test
    void aCollectorThatDoesNotAnswerHoldsUpNoCallAndWhatIsTooMuchIsDropped() throws Exception {
        var tracing = tracing();
        trace(tracing, 512);
        posted.take();
        trace(tracing, 10_000);
        mayAnswer.countDown();
        await().until(() -> metrics.text().contains("reason=\"queue_full\""));
        assertThat(lines.list).hasSize(1);
        tracing.close();
    }

    @Test
    void stoppingDoesNotWaitForACollectorThatIsGone() throws Exception {
        try (var deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var tracing = to(deaf.getLocalPort());
            trace(tracing, 2048);
            // four batches of 10 s if it waited for each
            tracing.close();
        }
        var closed = new ServerSocket(0);
        closed.close();
        var tracing = to(closed.getLocalPort());
        trace(tracing, 2048);
        tracing.close();
    }

    @Test
    void withoutAnEndpointNothingIsMade() {
        var before = workers();
        var off = Tracing.off();
        var memory = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        var parent = List.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        requests(off, parent, 1_000);
        long allocated = memory.getCurrentThreadAllocatedBytes();
        requests(off, parent, 10_000);
        assertThat(memory.getCurrentThreadAllocatedBytes() - allocated)
                .as("bytes for 10,000 requests, no object for any of them")
                .isLessThan(10_000);
        assertThat(before).containsAll(workers());
    }

    private static Set<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("BatchSpanProcessor"))
                .collect(Collectors.toSet());
    }

    private static void requests(Tracing off, List<String> parent, int count) {
        for (int i = 0; i < count; i++) {
            var span = off.request("GET", parent, "exec", "get");
            try (var _ = span.inLogs()) {
                span.ended(200);
            }
        }
    }
}
