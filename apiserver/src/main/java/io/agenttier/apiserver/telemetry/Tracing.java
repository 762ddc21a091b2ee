package io.agenttier.apiserver.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Spans of this server ({@code spec} behaviour §21), sent by OTLP over HTTP. Off unless an endpoint is named: then no span is made and
 * nothing of the SDK runs. Spans wait in a bounded queue that no call waits for.
 */
public final class Tracing implements AutoCloseable {
    private static final String SCOPE = "io.agenttier.apiserver";
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /** Of more spans than that, the newest are dropped. */
    private static final int QUEUE = 2048;

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration EXPORT = Duration.ofSeconds(10);
    /** Longest that a stop waits for the spans in the queue. */
    private static final Duration FLUSH = Duration.ofSeconds(3);

    private final @Nullable SdkTracerProvider provider;
    private final @Nullable Tracer tracer;

    private Tracing() {
        this.provider = null;
        this.tracer = null;
    }

    /** @param provider is closed with this */
    public Tracing(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider.get(SCOPE);
    }

    public static Tracing off() {
        return new Tracing();
    }

    /** Begins to send. */
    public static Tracing to(TraceExport target, String version, Metrics metrics, InstantSource clock) {
        var losses = new SpanLosses(target.endpoint().toString(), metrics, clock);
        losses.takeOverLogOfSdk();
        var exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(target.traces())
                .setConnectTimeout(CONNECT)
                .setTimeout(EXPORT)
                .setMeterProvider(MeterProvider.noop())
                .build();
        var resource = Resource.getDefault()
                .merge(Resource.create(Attributes.builder()
                        .put("service.name", "agenttier-apiserver")
                        .put("service.version", version)
                        .build()));
        return new Tracing(SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(sampler(target.sampleRatio()))
                .addSpanProcessor(BatchSpanProcessor.builder(new WatchedExporter(exporter, losses))
                        .setMaxQueueSize(QUEUE)
                        .setExporterTimeout(EXPORT)
                        .build())
                .build());
    }

    /** @param ratio share of the requests that are traced, 0 to 1 */
    public static Sampler sampler(double ratio) {
        return DrawnSampler.parentBased(ratio, () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * Begins the span of a request.
     *
     * @param method as sent
     * @param traceparent values of the header, from anyone
     * @param subresource one of ours, or {@code none}
     */
    public RequestSpan request(String method, List<String> traceparent, String subresource, String verb) {
        if (tracer == null) {
            return RequestSpan.NONE;
        }
        var known = METHODS.contains(method) ? method : "_OTHER";
        return new RequestSpan(
                tracer,
                tracer.spanBuilder("apiserver." + known)
                        .setSpanKind(SpanKind.SERVER)
                        .setParent(TraceParent.of(traceparent))
                        .setAttribute("http.request.method", known)
                        .setAttribute("subresource", subresource)
                        .setAttribute("verb", verb)
                        .startSpan());
    }

    /** Sends what is left, for a bounded time. */
    @Override
    public void close() {
        if (provider != null) {
            provider.shutdown().join(FLUSH.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
