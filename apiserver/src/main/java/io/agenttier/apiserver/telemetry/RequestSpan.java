package io.agenttier.apiserver.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import org.slf4j.MDC;

/** The span of one request, begun. */
public final class RequestSpan {
    /** Where nothing is traced. */
    public static final RequestSpan NONE = new RequestSpan(TracerProvider.noop().get(""), Span.getInvalid());

    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final int SERVER_ERROR = 500;
    private static final LogScope UNNAMED = () -> {};

    private final Tracer tracer;
    private final Span span;

    RequestSpan(Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /** Time in which lines of a log carry a span. */
    @FunctionalInterface
    public interface LogScope extends AutoCloseable {
        @Override
        void close();
    }

    /** Until it is closed, the lines that this thread logs carry {@code trace_id} and {@code span_id}. */
    public LogScope inLogs() {
        var context = span.getSpanContext();
        if (!context.isValid()) {
            return UNNAMED;
        }
        MDC.put("trace_id", context.getTraceId());
        MDC.put("span_id", context.getSpanId());
        return () -> {
            MDC.remove("trace_id");
            MDC.remove("span_id");
        };
    }

    /** @param status sent, 0 if nothing was answered */
    public void ended(int status) {
        if (span.isRecording() && status != 0) {
            span.setAttribute(STATUS, (long) status);
            if (status >= SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
        }
        span.end();
    }

    /** Whether it is exported; also after it has ended. */
    boolean isSampled() {
        return span.getSpanContext().isSampled();
    }

    /** A span below this one, which may have ended. */
    SpanBuilder below(String name) {
        return tracer.spanBuilder(name).setParent(Context.root().with(span));
    }
}
