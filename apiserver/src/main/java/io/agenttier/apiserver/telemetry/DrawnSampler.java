package io.agenttier.apiserver.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Takes a share of the traces by a draw of our own. The SDK's ratio sampler looks at the trace id instead, which the client of a call may
 * choose so that it is always taken.
 *
 * @param draw from 0 to below 1
 */
record DrawnSampler(double ratio, DoubleSupplier draw) implements Sampler {
    /** A span of ours follows its parent, a caller who does not want to be traced is not, and everything else is drawn. */
    static Sampler parentBased(double ratio, DoubleSupplier draw) {
        var drawn = new DrawnSampler(ratio, draw);
        return Sampler.parentBasedBuilder(drawn).setRemoteParentSampled(drawn).build();
    }

    @Override
    public SamplingResult shouldSample(
            Context parent, String traceId, String name, SpanKind kind, Attributes attributes, List<LinkData> links) {
        return draw.getAsDouble() < ratio ? SamplingResult.recordAndSample() : SamplingResult.drop();
    }

    @Override
    public String getDescription() {
        return "DrawnSampler{%s}".formatted(ratio);
    }
}
