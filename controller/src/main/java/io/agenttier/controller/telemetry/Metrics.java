package io.agenttier.controller.telemetry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Numbers about this program, in the text format of Prometheus. Labels are bounded: an unknown template is {@code other}. */
public final class Metrics {
    private static final int TEMPLATES_MAX = 100;
    private static final String NONE = "none";

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Gauge sandboxes;
    private final Histogram startup;
    private final Histogram reconciliation;
    private final Counter errors;
    private final Gauge certificates;
    private final Map<String, String[]> known = new ConcurrentHashMap<>();
    private final Set<String> templates = ConcurrentHashMap.newKeySet();

    public Metrics() {
        sandboxes = Gauge.build("agenttier_sandboxes", "Sandboxes by phase and mode.")
                .labelNames("phase", "mode")
                .register(registry);
        startup = Histogram.build(
                        "agenttier_sandbox_startup_duration_seconds", "Time from creation or resume until ready.")
                .labelNames("template", "path")
                .exponentialBuckets(0.005, 2, 17)
                .register(registry);
        reconciliation = Histogram.build("agenttier_reconcile_duration_seconds", "Time of one reconciliation.")
                .labelNames("controller")
                .exponentialBuckets(0.001, 2, 15)
                .register(registry);
        errors = Counter.build("agenttier_reconcile_errors_total", "Reconciliations that failed.")
                .labelNames("controller")
                .register(registry);
        certificates = Gauge.build("agenttier_certificate_expiry_seconds", "Unix time at which a certificate ends.")
                .labelNames("name")
                .register(registry);
    }

    /** Shows the depth of the queue whenever somebody asks. */
    public void queueDepth(IntSupplier depth) {
        Gauge.build("agenttier_reconcile_queue_depth", "Sandboxes that wait to be reconciled.")
                .labelNames("controller")
                .register(registry)
                .setChild(
                        new Gauge.Child() {
                            @Override
                            public double get() {
                                return depth.getAsInt();
                            }
                        },
                        "sandbox");
    }

    /** A sandbox is in this phase and mode from now on. */
    public void sandbox(String uid, @Nullable String phase, @Nullable String mode) {
        var labels = new String[] {phase == null ? NONE : phase, mode == null ? NONE : mode};
        var before = known.put(uid, labels);
        sandboxes.labels(labels).inc();
        if (before != null) {
            sandboxes.labels(before).dec();
        }
    }

    public void sandboxGone(String uid) {
        var before = known.remove(uid);
        if (before != null) {
            sandboxes.labels(before).dec();
        }
    }

    /** @param path {@code cold} or {@code resume} */
    public void started(@Nullable String template, String path, Duration took) {
        startup.labels(bounded(template), path).observe(took.toNanos() / 1e9);
    }

    public void reconciled(Duration took) {
        reconciliation.labels("sandbox").observe(took.toNanos() / 1e9);
    }

    public void reconcileFailed() {
        errors.labels("sandbox").inc();
    }

    public void certificateEnds(String name, Instant end) {
        certificates.labels(name).set((double) end.getEpochSecond());
    }

    public String text() {
        try (var out = new StringWriter()) {
            TextFormat.write004(out, registry.metricFamilySamples());
            return out.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    private String bounded(@Nullable String template) {
        if (template == null) {
            return NONE;
        }
        if (templates.contains(template) || templates.size() < TEMPLATES_MAX) {
            templates.add(template);
            return template;
        }
        return "other";
    }
}
