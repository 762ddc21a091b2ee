package io.agenttier.apiserver.telemetry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.GarbageCollectorExports;
import io.prometheus.client.hotspot.MemoryPoolsExports;
import io.prometheus.client.hotspot.StandardExports;
import io.prometheus.client.hotspot.ThreadExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** The metrics of this server. Labels are bounded: subresources come from our own list, verbs and codes from ours. */
public final class Metrics {
    private final CollectorRegistry registry = new CollectorRegistry();
    private final Counter requests = Counter.build()
            .name("agenttier_apiserver_requests_total")
            .help("Answered requests.")
            .labelNames("subresource", "verb", "code")
            .register(registry);
    private final Histogram durations = Histogram.build()
            .name("agenttier_apiserver_request_duration_seconds")
            .help("From the request's headers to the end of its answer.")
            .labelNames("subresource", "verb")
            .exponentialBuckets(0.001, 2, 20)
            .register(registry);
    private final Gauge running = Gauge.build()
            .name("agenttier_apiserver_requests_in_flight")
            .help("Requests being served.")
            .register(registry);
    private final Counter rejected = Counter.build()
            .name("agenttier_ratelimit_rejected_total")
            .help(
                    "Calls refused because there were too many, or too many large ones; docs/limits.md explains each kind.")
            .labelNames("kind")
            .register(registry);
    private final Counter heads = Counter.build()
            .name("agenttier_apiserver_request_heads_refused_total")
            .help("Requests whose head was refused before anybody was asked who sends it.")
            .labelNames("reason")
            .register(registry);
    private final Counter cut = Counter.build()
            .name("agenttier_apiserver_connections_cut_total")
            .help("Connections that reached a limit.")
            .labelNames("limit")
            .register(registry);
    private final Gauge connections = Gauge.build()
            .name("agenttier_apiserver_connections")
            .help("Open connections.")
            .register(registry);
    private final Gauge sockets = Gauge.build()
            .name("agenttier_apiserver_websockets")
            .help("Open WebSocket connections.")
            .labelNames("subresource")
            .register(registry);
    private final Counter socketsClosed = Counter.build()
            .name("agenttier_apiserver_websockets_closed_total")
            .help("WebSocket connections that have ended, by the close code sent; none if the client left first.")
            .labelNames("subresource", "code")
            .register(registry);
    private final Counter refusedCertificates = Counter.build()
            .name("agenttier_apiserver_client_certificates_refused_total")
            .help("Requests refused because their client certificate identifies nobody.")
            .labelNames("reason")
            .register(registry);
    private final Histogram reviews = Histogram.build()
            .name("agenttier_apiserver_admission_duration_seconds")
            .help("Reviews of the webhook, by what became of them: allowed, refused, or error where none was made.")
            .labelNames("review", "outcome")
            .exponentialBuckets(0.001, 2, 14)
            .register(registry);
    private final Gauge expiry = Gauge.build()
            .name("agenttier_certificate_expiry_seconds")
            .help("When the certificate in use ends, seconds since 1970.")
            .labelNames("name")
            .register(registry);

    private final Counter errors = Counter.build()
            .name("agenttier_errors_total")
            .help("What failed beside the calls themselves.")
            .labelNames("component", "reason")
            .register(registry);

    private final AgentMetrics agent = new AgentMetrics(registry, () -> callRejected(Rejected.INVOKE));

    /** Why a call was refused that may come again later. */
    public enum Rejected {
        /** The rate of a user. */
        USER,
        /** The rate of an address. */
        IP,
        /** Invocations of one sandbox at once. */
        INVOKE,
        /** Requests at once. */
        REQUESTS,
        REQUESTS_OF_USER,
        /** WebSockets at once. */
        WEBSOCKETS,
        WEBSOCKETS_OF_USER,
        /** Connections to one sandbox at once. */
        SANDBOX,
        /** Unknown bearer tokens at once. */
        TOKENS,
        /** Memory of large bodies together. */
        MEMORY
    }

    /** Which limit a connection has reached. */
    public enum Cut {
        CONNECTIONS,
        HEADER_TIME,
        HEADER_MEMORY,
        BODY_TIME,
        ANSWER_TIME
    }

    public Metrics() {
        registry.register(new StandardExports());
        registry.register(new MemoryPoolsExports());
        registry.register(new GarbageCollectorExports());
        registry.register(new ThreadExports());
    }

    /** Those of agent mode. */
    public AgentMetrics agent() {
        return agent;
    }

    /**
     * @param component {@code tracing}
     * @param reason one of the component's
     */
    public void error(String component, String reason) {
        errors.labels(component, reason).inc();
    }

    public void requestBegan() {
        running.inc();
    }

    /** @param subresource one of ours, or {@code none} */
    public void requestEnded(String subresource, String verb, int code, Duration took) {
        running.dec();
        requests.labels(subresource, verb, Integer.toString(code)).inc();
        durations.labels(subresource, verb).observe(took.toNanos() / 1e9);
    }

    public void callRejected(Rejected kind) {
        rejected.labels(label(kind)).inc();
    }

    /** @param reason {@code line_too_long}, {@code headers_too_large} or {@code malformed} */
    public void headRefused(String reason) {
        heads.labels(reason).inc();
    }

    public void connectionCut(Cut limit) {
        cut.labels(label(limit)).inc();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    public void connectionOpened() {
        connections.inc();
    }

    public void connectionClosed() {
        connections.dec();
    }

    /** @param subresource one of ours */
    public void socketOpened(String subresource) {
        sockets.labels(subresource).inc();
    }

    /** @param code the close code that we sent, or {@code none} */
    public void socketClosed(String subresource, String code) {
        sockets.labels(subresource).dec();
        socketsClosed.labels(subresource, code).inc();
    }

    /** @param reason {@code expired}, {@code not_yet_valid}, {@code not_a_front_proxy} or {@code unknown_authority} */
    public void clientCertificateRefused(String reason) {
        refusedCertificates.labels(reason).inc();
    }

    /**
     * @param review one of ours, or {@code none}
     * @param outcome {@code allowed}, {@code refused} or {@code error}
     */
    public void reviewEnded(String review, String outcome, Duration took) {
        reviews.labels(review, outcome).observe(took.toNanos() / 1e9);
    }

    /** @param name {@code serving}, {@code admission} or {@code signer} */
    public void certificateExpires(String name, Instant when) {
        expiry.labels(name).set((double) when.getEpochSecond());
    }

    /** All metrics in Prometheus' text format 0.0.4. */
    public String text() {
        var text = new StringWriter();
        try {
            TextFormat.write004(text, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Media type of {@link #text()}. */
    public static String contentType() {
        return TextFormat.CONTENT_TYPE_004;
    }
}
