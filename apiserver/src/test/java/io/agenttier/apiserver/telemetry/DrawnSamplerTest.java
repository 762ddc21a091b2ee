package io.agenttier.apiserver.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrawnSamplerTest {
    /** The SDK's own ratio sampler takes it at every ratio above zero. */
    private static final String ALWAYS_TAKEN = "00000000000000010000000000000000";

    private static final String PARENT = "b7ad6b7169203331";
    private static final TraceFlags YES = TraceFlags.getSampled();
    private static final TraceFlags NO = TraceFlags.getDefault();

    @Test
    void aCallerWhoWantsToBeTracedIsDrawnLikeAnyOther() {
        assertThat(decide(0.5, 0.49, remote(YES))).isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
        assertThat(decide(0.5, 0.5, remote(YES))).isEqualTo(SamplingDecision.DROP);
        assertThat(decide(0.5, 0.49, Context.root())).isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
        assertThat(decide(0.5, 0.5, Context.root())).isEqualTo(SamplingDecision.DROP);
    }

    @Test
    void zeroIsNoneAndOneIsAll() {
        assertThat(decide(0, 0, Context.root())).isEqualTo(SamplingDecision.DROP);
        assertThat(decide(1, Math.nextDown(1.0), Context.root())).isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    }

    @Test
    void oneWhoDoesNotIsNotTraced() {
        assertThat(decide(1, 0, remote(NO))).isEqualTo(SamplingDecision.DROP);
    }

    @Test
    void whatIsBelowASpanOfOursFollowsIt() {
        var ours = SpanContext.create(ALWAYS_TAKEN, PARENT, YES, TraceState.getDefault());
        assertThat(decide(0.1, 0.9, Context.root().with(Span.wrap(ours))))
                .isEqualTo(SamplingDecision.RECORD_AND_SAMPLE);
    }

    private static Context remote(TraceFlags flags) {
        var parent = SpanContext.createFromRemoteParent(ALWAYS_TAKEN, PARENT, flags, TraceState.getDefault());
        return Context.root().with(Span.wrap(parent));
    }

    private static SamplingDecision decide(double ratio, double drawn, Context parent) {
        return DrawnSampler.parentBased(ratio, () -> drawn)
                .shouldSample(parent, ALWAYS_TAKEN, "apiserver.GET", SpanKind.SERVER, Attributes.empty(), List.of())
                .getDecision();
    }
}
