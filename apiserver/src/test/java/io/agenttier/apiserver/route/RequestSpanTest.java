package io.agenttier.apiserver.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.agenttier.apiserver.telemetry.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Spans of requests, from the wire to what is exported. */
class RequestSpanTest {
    private static final String ECHO = Aggregator.path("namespaces/team1/sandboxes/web/log");
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";

    private final org.slf4j.Logger log = LoggerFactory.getLogger(RequestSpanTest.class);
    private final InMemorySpanExporter exported = InMemorySpanExporter.create();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private Aggregator kube;

    @BeforeEach
    void start() throws Exception {
        kube = kube(1);
        lines.start();
        ((Logger) log).addAppender(lines);
    }

    private Aggregator kube(double ratio) throws Exception {
        var tracing = new Tracing(SdkTracerProvider.builder()
                .setSampler(Tracing.sampler(ratio))
                .addSpanProcessor(SimpleSpanProcessor.create(exported))
                .build());
        return new Aggregator(tracing, new Scripted("log", (call, exchange) -> {
            log.info("within");
            if (call.parameter("fail").isPresent()) {
                throw new IllegalStateException("a bug");
            }
            exchange.answer(Answers.text(200, "fine"));
        }));
    }

    @AfterEach
    void stop() {
        ((Logger) log).detachAppender(lines);
        kube.close();
    }

    private SpanData span() {
        await().until(() -> exported.getFinishedSpanItems().size() == 1);
        return exported.getFinishedSpanItems().getFirst();
    }

    @Test
    void nameKindAndAttributesAreOursAndBounded() throws Exception {
        kube.as("alice", "GET", ECHO + "?x=y");
        var span = span();
        assertThat(span.getName()).isEqualTo("apiserver.GET");
        assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(span.getParentSpanContext().isValid()).isFalse();
        assertThat(span.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put("http.request.method", "GET")
                        .put("http.response.status_code", 200)
                        .put("subresource", "log")
                        .put("verb", "get")
                        .build()
                        .asMap());
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    }

    @Test
    void whatWeDoNotKnowIsFolded() throws Exception {
        kube.as("alice", "PATCHY", Aggregator.path("namespaces/team1/sandboxes/web/secretive"));
        var span = span();
        assertThat(span.getName()).isEqualTo("apiserver._OTHER");
        assertThat(span.getAttributes().get(AttributeKey.stringKey("subresource")))
                .isEqualTo("none");
        assertThat(span.toString()).doesNotContain("secretive").doesNotContain("PATCHY");
    }

    @Test
    void aBugIsAnErrorWithoutADescription() throws Exception {
        kube.as("alice", "GET", ECHO + "?fail");
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span().getStatus().getDescription()).isEmpty();
        assertThat(span().getEvents()).isEmpty();
    }

    @Test
    void goesOnWithTheTraceOfTheCallerAndDropsHisState() throws Exception {
        kube.as(
                "alice",
                "GET",
                ECHO,
                "Traceparent: 00-%s-%s-01".formatted(TRACE, PARENT),
                "Tracestate: vendor=text-of-the-callers");
        var span = span();
        assertThat(span.getTraceId()).isEqualTo(TRACE);
        assertThat(span.getParentSpanId()).isEqualTo(PARENT);
        assertThat(span.getSpanContext().getTraceState().isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Traceparent: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "Traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "Traceparent: ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "Traceparent: 0af7651916cd43dd8448eb211c80319c",
                "Traceparent: ",
                "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"
                        + "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            })
    void aMalformedParentIsAsGoodAsNone(String header) throws Exception {
        assertThat(kube.as("alice", "GET", ECHO, header).status()).isEqualTo(200);
        assertThat(span().getParentSpanContext().isValid()).isFalse();
        assertThat(span().getTraceId()).isNotEqualTo(TRACE);
    }

    @Test
    void aCallerCannotHaveHimselfTracedBeyondTheRatio() throws Exception {
        kube.close();
        kube = kube(0);
        kube.as("alice", "GET", ECHO, "Traceparent: 00-00000000000000010000000000000000-%s-01".formatted(PARENT));
        kube.as("alice", "GET", ECHO, "Traceparent: 00-%s-%s-01".formatted(TRACE, PARENT));
        await().until(() -> lines.list.size() == 2);
        kube.close();
        assertThat(exported.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void healthDiscoveryAndMetricsAreNotTraced() throws Exception {
        for (var path : List.of("/livez", "/apis/agenttier.io/subresources-v1alpha1", "/openapi/v3", "/metrics")) {
            assertThat(kube.as("alice", "GET", path).status()).isEqualTo(200);
        }
        kube.as("alice", "GET", ECHO);
        assertThat(span().getName()).isEqualTo("apiserver.GET");
    }

    @Test
    void linesOfALogCarryTheSpanAndOnlyWithinIt() throws Exception {
        kube.as("alice", "GET", ECHO);
        var span = span();
        log.info("outside");
        await().until(() -> lines.list.size() == 2);
        assertThat(lines.list.get(0).getMDCPropertyMap())
                .containsEntry("trace_id", span.getTraceId())
                .containsEntry("span_id", span.getSpanId());
        assertThat(lines.list.get(1).getMDCPropertyMap()).isEmpty();
    }
}
