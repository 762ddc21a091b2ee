package io.agenttier.apiserver.telemetry;

import java.net.URI;

/**
 * Where spans go.
 *
 * @param endpoint base address of an OTLP collector that takes HTTP, for example {@code http://otel-collector.observability:4318}; spans
 *     go to {@code /v1/traces} below it
 * @param sampleRatio share of the requests that are traced, 0 to 1
 */
public record TraceExport(URI endpoint, double sampleRatio) {
    String traces() {
        var base = endpoint.toString();
        return (base.endsWith("/") ? base : base + "/") + "v1/traces";
    }
}
