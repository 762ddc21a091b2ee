package io.agenttier.apiserver.telemetry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Metrics of agent mode ({@code spec} behaviour §21). Templates are named by whoever makes one, so only the first {@value #TEMPLATES} are kept apart. */
public final class AgentMetrics {
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

    /** @param outcome one of ours */
    public void invokeEnded(String template, String outcome, Duration took) {
        var label = label(template);
        invokes.labels(label, outcome).inc();
        invokeTimes.labels(label, outcome).observe(took.toNanos() / 1e9);
    }

    /**
     * Nothing ran.
     *
     * @param outcome one of ours
     */
    public void invokeRefused(String template, String outcome) {
        invokes.labels(label(template), outcome).inc();
    }

    /** Nothing ran, because the cap of the sandbox was reached. */
    public void invokeThrottled(String template) {
        throttled.inc();
        rejected.run();
        invokeRefused(template, "throttled");
    }

    /** @param outcome one of ours */
    public void configureEnded(String template, String outcome, Duration took) {
        var label = label(template);
        configures.labels(label, outcome).inc();
        configureTimes.labels(label, outcome).observe(took.toNanos() / 1e9);
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
