package io.agenttier.controller.reconcile;

import io.agenttier.api.Names;
import io.agenttier.controller.config.ControllerConfig;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.kube.ApiServiceApi;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.EventSink;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.PodEvents;
import io.agenttier.controller.kube.Rest;
import io.agenttier.controller.kube.RightsApi;
import io.agenttier.controller.kube.SandboxApi;
import io.agenttier.controller.kube.SecretApi;
import io.agenttier.controller.kube.WebhookApi;
import io.agenttier.controller.kube.WorkQueue;
import io.agenttier.controller.sandboxd.SandboxdClient;
import io.agenttier.controller.telemetry.Metrics;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** The object graph of everything that works once the Lease is held. Handlers are registered at once, so that a standby is up to date. */
public final class Controllers implements AutoCloseable {
    private final CertificateLoop certificates;
    private final Workers workers;
    private final EventSink events;
    private final int maxConcurrency;

    private Controllers(CertificateLoop certificates, Workers workers, EventSink events, int maxConcurrency) {
        this.certificates = certificates;
        this.workers = workers;
        this.events = events;
        this.maxConcurrency = maxConcurrency;
    }

    /**
     * @param threads one thread a task, such as virtual ones
     * @param witness sees the calls to daemons; those of {@code rest} see their own
     */
    public static Controllers build(
            ControllerConfig config,
            Caches caches,
            Rest rest,
            Metrics metrics,
            ExecutorService threads,
            InstantSource clock,
            SecureRandom random,
            Witness witness) {
        var settings = config.settings();
        var objects = new ObjectApi(rest);
        var sandboxes = new SandboxApi(rest);
        var recent = new Recent(clock);
        var prepared = new Prepared();
        var events = new EventSink(rest, clock);
        var certificates = new CertificateReconciler(
                new SecretApi(rest, settings.namespace()),
                List.of(
                        new ApiServiceApi(rest, config.apiService()),
                        new WebhookApi(rest, WebhookApi.Type.MUTATING, Names.MUTATING_WEBHOOK),
                        new WebhookApi(rest, WebhookApi.Type.VALIDATING, Names.VALIDATING_WEBHOOK)),
                settings.namespace(),
                config.service(),
                config.admissionService(),
                metrics,
                clock,
                random);
        var queue = new WorkQueue<Key>(threads);
        var owners = new Owners(caches);
        var services = new ServiceUses();
        var unclaimed = new Unclaimed();
        var daemon = new SandboxdClient(certificates::signer, clock);
        var calls = new PodCalls(daemon, settings.hookTimeout(), queue::add, threads, clock, witness);
        var podCertificates = new PodCertificates(certificates::authorities, clock, random, threads);
        var stages = new Stages(
                objects,
                sandboxes,
                new CreateStep(objects, recent, owners, events::add),
                new SecretStep(objects, owners, prepared, unclaimed, podCertificates),
                new DeleteStep(objects),
                calls,
                recent,
                events,
                threads);
        var reconciler = new SandboxReconciler(
                caches,
                recent,
                prepared,
                new WorldReader(
                        caches,
                        recent,
                        prepared,
                        unclaimed,
                        objects,
                        new RightsApi(rest),
                        calls,
                        settings,
                        config.injection(),
                        new UseReader(daemon::report, witness),
                        new ServiceReader(caches, services),
                        new PodEvents(rest)),
                sandboxes,
                stages,
                podCertificates,
                new NamespaceCleanup(caches, objects),
                events,
                metrics,
                settings,
                clock,
                random);
        metrics.queueDepth(queue::depth);
        new Triggers(caches, recent, metrics, services, queue::add).register();
        new LastWords(caches, events).register();
        return new Controllers(
                new CertificateLoop(certificates),
                new Workers(queue, reconciler::reconcile, metrics, clock),
                events,
                config.maxConcurrency());
    }

    /** Brings the certificates up to date, then begins to reconcile. Returns when that has begun, or when interrupted before. */
    public void start() throws InterruptedException {
        certificates.start();
        workers.start(maxConcurrency);
    }

    @Override
    public void close() {
        workers.close();
        certificates.close();
        events.close();
    }
}
