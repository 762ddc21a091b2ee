package io.agenttier.apiserver.telemetry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Metrics and spans of agent mode ({@code spec} behaviour §21), told together so that they agree. Templates are named by whoever makes one, so only the first {@value #TEMPLATES} are kept apart. */
public final class AgentMetrics {
    private static final String INVOKE = "agenttier.invoke";
    private static final int TEMPLATES = 100;
    private static final String OTHER = "other";
    private static final String NONE = "none";

    private final Set<String> templates = ConcurrentHashMap.newKeySet();
    private final Counter invokes = Counter.build()
            .name("agenttier_invoke_requests_total")
            .help("Invocations by how they ended, refused ones included.")
            .labelNames("template", "outcome")
            .create();
    private final Histogram invokeTimes = Histogram.build()
            .name("agenttier_invoke_duration_seconds")
            .help("From the start of an invocation to its end.")
            .labelNames("template", "outcome")
            .exponentialBuckets(0.5, 2, 13)
            .create();
    private final Counter throttled = Counter.build()
            .name("agenttier_invoke_throttled_total")
            .help("Invocations refused because too many were running in their sandbox.")
            .create();
    private final Counter configures = Counter.build()
            .name("agenttier_configure_requests_total")
            .help("Configurations by how they ended.")
            .labelNames("template", "outcome")
            .create();
    private final Histogram configureTimes = Histogram.build()
            .name("agenttier_configure_duration_seconds")
            .help("From the request to the end of the installation.")
            .labelNames("template", "outcome")
            .exponentialBuckets(0.1, 2, 15)
            .create();

    private final Runnable rejected;

    /** @param rejected told of each invocation refused because too many were running */
    AgentMetrics(CollectorRegistry registry, Runnable rejected) {
        this.rejected = rejected;
        registry.register(invokes);
        registry.register(invokeTimes);
        registry.register(throttled);
        registry.register(configures);
        registry.register(configureTimes);
    }

    public void invokeEnded(AgentEnd end) {
        var label = label(end.template());
        invokes.labels(label, end.outcome()).inc();
        invokeTimes.labels(label, end.outcome()).observe(end.took().toNanos() / 1e9);
        AgentSpan.tell(INVOKE, label, end);
    }

    /** Nothing ran; with outcome {@code throttled} because the cap of the sandbox was reached. */
    public void invokeRefused(AgentEnd end) {
        if (end.outcome().equals("throttled")) {
            throttled.inc();
            rejected.run();
        }
        var label = label(end.template());
        invokes.labels(label, end.outcome()).inc();
        AgentSpan.tell(INVOKE, label, end);
    }

    public void configureEnded(AgentEnd end) {
        var label = label(end.template());
        configures.labels(label, end.outcome()).inc();
        configureTimes.labels(label, end.outcome()).observe(end.took().toNanos() / 1e9);
        AgentSpan.tell("agenttier.configure", label, end);
    }

    private String label(String template) {
        if (template.isEmpty()) {
            return NONE;
        }
        return templates.contains(template) || (templates.size() < TEMPLATES && templates.add(template))
                ? template
                : OTHER;
    }
}
