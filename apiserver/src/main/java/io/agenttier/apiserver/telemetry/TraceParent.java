package io.agenttier.apiserver.telemetry;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;

/** Reads header {@code traceparent} (W3C Trace Context). {@code tracestate} is dropped: it is text of the caller's and would be exported. */
final class TraceParent {
    private static final TextMapGetter<String> ONLY_PARENT = (value, key) -> key.equals("traceparent") ? value : null;

    private TraceParent() {}

    /**
     * @param values of the header as they came
     * @return the root if there is not exactly one well-formed value
     */
    static Context of(List<String> values) {
        return values.size() == 1
                ? W3CTraceContextPropagator.getInstance().extract(Context.root(), values.getFirst(), ONLY_PARENT)
                : Context.root();
    }
}
