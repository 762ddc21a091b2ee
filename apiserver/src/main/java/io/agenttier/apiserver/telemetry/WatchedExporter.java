package io.agenttier.apiserver.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Tells of spans that the collector did not take. */
record WatchedExporter(SpanExporter exporter, SpanLosses losses) implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        var result = exporter.export(spans);
        result.whenComplete(() -> {
            if (!result.isSuccess()) {
                losses.add("export", String.valueOf(result.getFailureThrowable()));
            }
        });
        return result;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
