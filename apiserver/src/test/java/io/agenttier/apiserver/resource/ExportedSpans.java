package io.agenttier.apiserver.resource;

import static org.awaitility.Awaitility.await;

import io.agenttier.apiserver.telemetry.Tracing;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;

/** Spans as a collector would get them, all of them and at once. */
final class ExportedSpans {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    final Tracing tracing = new Tracing(SdkTracerProvider.builder()
            .setSampler(Tracing.sampler(1))
            .addSpanProcessor(SimpleSpanProcessor.create(exporter))
            .build());

    List<SpanData> all() {
        return exporter.getFinishedSpanItems();
    }

    /** The only one of this name, once it is there. */
    SpanData one(String name) {
        await().atMost(Duration.ofSeconds(30)).until(() -> named(name).size() == 1);
        return named(name).getFirst();
    }

    List<SpanData> named(String name) {
        return all().stream().filter(span -> span.getName().equals(name)).toList();
    }
}
