package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.EventSink;
import io.agenttier.controller.kube.SandboxApi;
import io.agenttier.controller.kube.UnreadableSpec;
import io.agenttier.controller.kube.Written;
import io.agenttier.controller.plan.Action;
import io.agenttier.controller.plan.ClusterSettings;
import io.agenttier.controller.plan.Obstacle;
import io.agenttier.controller.plan.Plan;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.SandboxPlan;
import io.agenttier.controller.plan.Transitions;
import io.agenttier.controller.plan.UnreadablePlan;
import io.agenttier.controller.telemetry.Metrics;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one sandbox nearer to what is wanted: read the world, plan, write the status, take the steps; again while the plan says so. */
public final class SandboxReconciler {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxReconciler.class);

    /** More than any way from one resting state to the next takes; the rest is another reconciliation. */
    private static final int ROUNDS_MAX = 8;

    /** A namespace that is ending takes its sandboxes with it: there is no hurry. */
    private static final Duration ENDING_NAMESPACE = Duration.ofSeconds(30);

    private final Caches caches;
    private final Recent recent;
    private final Prepared prepared;
    private final WorldReader reader;
    private final SandboxApi api;
    private final Stages stages;
    private final PodCertificates certificates;
    private final NamespaceCleanup cleanup;
    private final EventSink events;
    private final Metrics metrics;
    private final ClusterSettings settings;
    private final InstantSource clock;
    private final SecureRandom random;

    SandboxReconciler(
            Caches caches,
            Recent recent,
            Prepared prepared,
            WorldReader reader,
            SandboxApi api,
            Stages stages,
            PodCertificates certificates,
            NamespaceCleanup cleanup,
            EventSink events,
            Metrics metrics,
            ClusterSettings settings,
            InstantSource clock,
            SecureRandom random) {
        this.caches = caches;
        this.recent = recent;
        this.prepared = prepared;
        this.reader = reader;
        this.api = api;
        this.stages = stages;
        this.certificates = certificates;
        this.cleanup = cleanup;
        this.events = events;
        this.metrics = metrics;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
    }

    public Outcome reconcile(Key key) {
        var cached = caches.sandboxes().get(key.namespace(), key.name());
        if (cached == null) {
            cleanup.run(key.namespace());
            return new Outcome.Done();
        }
        try {
            return reconcile(recent.newest(cached.toSandbox()));
        } catch (UnreadableSpec e) {
            return tell(e);
        }
    }

    private Outcome reconcile(Sandbox found) {
        var sandbox = found;
        Obstacle obstacle = null;
        var reserved = "";
        for (var round = 0; round < ROUNDS_MAX; round++) {
            var now = clock.instant();
            var world =
                    reader.read(sandbox, reserved.equals(sandbox.statusOrEmpty().incarnation()), now);
            var fresh = fresh();
            var plan = SandboxPlan.of(obstacle == null ? world : world.stoppedBy(obstacle), now, fresh, settings);
            reserved = fresh.equals(plan.status().incarnation()) ? fresh : "";
            if (!reserved.isEmpty()) {
                certificates.begin(reserved);
            }
            var written = writeStatus(sandbox, plan.status());
            if (written == null) {
                return new Outcome.Retry("the sandbox changed meanwhile");
            }
            var isFresh = !plan.status().equals(sandbox.statusOrEmpty());
            sandbox = written;
            if (obstacle != null) {
                return new Outcome.Retry(obstacle.message());
            }
            switch (stages.run(sandbox, plan.stages(), isFresh)) {
                case StepResult.Done _ -> {
                    if (!plan.atOnce()) {
                        return plan.again() == null ? new Outcome.Done() : new Outcome.Again(plan.again());
                    }
                }
                case StepResult.Blocked b -> {
                    obstacle = b.obstacle();
                    keepSecret(sandbox, plan, obstacle);
                }
                case StepResult.Later l -> {
                    return new Outcome.Retry(l.why());
                }
                case StepResult.NamespaceEnding _ -> {
                    return new Outcome.Again(ENDING_NAMESPACE);
                }
            }
        }
        return new Outcome.Retry("not at rest after " + ROUNDS_MAX + " rounds");
    }

    /** Its condition says what to mend; what runs of it is left alone until then. */
    private Outcome tell(UnreadableSpec unreadable) {
        try {
            writeStatus(
                    unreadable.sandbox(),
                    UnreadablePlan.of(unreadable.sandbox(), String.valueOf(unreadable.getMessage()), clock.instant()));
        } catch (UnreadableSpec e) {
            // the answer to the write holds it again
        }
        return new Outcome.Done();
    }

    /** The pod was refused, so nothing carries its Secret yet. */
    private void keepSecret(Sandbox sandbox, Plan plan, Obstacle obstacle) {
        if (obstacle.kind() != ResourceKind.POD || obstacle.foreign()) {
            return;
        }
        plan.stages().stream()
                .flatMap(List::stream)
                .filter(Action.CreateSecret.class::isInstance)
                .map(Action.CreateSecret.class::cast)
                .forEach(secret -> prepared.keep(sandbox, secret));
    }

    /** The sandbox as it is afterwards; null if it is not the one any more that the plan was made for. */
    private @Nullable Sandbox writeStatus(Sandbox sandbox, SandboxStatus status) {
        var before = sandbox.statusOrEmpty();
        if (status.equals(before)) {
            return sandbox;
        }
        return switch (api.writeStatus(sandbox, status)) {
            case Written.Done d -> {
                recent.written(d.sandbox());
                for (var note : Transitions.between(before, status)) {
                    events.add(d.sandbox(), note);
                }
                report(d.sandbox(), before.startupDurationMs());
                yield d.sandbox();
            }
            case Written.Refused r when r.refusal().conflict() || r.refusal().notFound() -> null;
            case Written.Refused r ->
                throw new IllegalStateException(
                        "the status was refused: " + r.refusal().message());
        };
    }

    private void report(Sandbox sandbox, @Nullable Long startupBefore) {
        var status = sandbox.statusOrEmpty();
        var took = status.startupDurationMs();
        if (took != null && startupBefore == null) {
            var path = status.stopped() == null ? "cold" : "resume";
            metrics.started(status.resolvedTemplate(), path, Duration.ofMillis(took));
            LOG.atInfo()
                    .addKeyValue("namespace", sandbox.metadata().namespace())
                    .addKeyValue("name", sandbox.metadata().name())
                    .addKeyValue("uid", sandbox.metadata().uid())
                    .addKeyValue("startupDurationMs", took)
                    .log("sandbox is ready");
        }
    }

    private String fresh() {
        var bytes = new byte[4];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
