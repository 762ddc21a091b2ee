package io.agenttier.apiserver;

import io.agenttier.apiserver.admission.Admission;
import io.agenttier.apiserver.auth.AccessDecisions;
import io.agenttier.apiserver.auth.Authenticator;
import io.agenttier.apiserver.auth.BoundedTokenReviewer;
import io.agenttier.apiserver.auth.TokenReviewer;
import io.agenttier.apiserver.discovery.Readiness;
import io.agenttier.apiserver.discovery.ServedPaths;
import io.agenttier.apiserver.http.HttpLimits;
import io.agenttier.apiserver.http.HttpServer;
import io.agenttier.apiserver.http.ServingTls;
import io.agenttier.apiserver.kube.AccessReviews;
import io.agenttier.apiserver.kube.IdentityTrustWatch;
import io.agenttier.apiserver.kube.KeyPairWatch;
import io.agenttier.apiserver.kube.KubeConnection;
import io.agenttier.apiserver.kube.SandboxActivity;
import io.agenttier.apiserver.kube.SandboxAgentRecords;
import io.agenttier.apiserver.kube.SandboxEventWriter;
import io.agenttier.apiserver.kube.SandboxPorts;
import io.agenttier.apiserver.kube.SandboxPower;
import io.agenttier.apiserver.kube.SandboxStore;
import io.agenttier.apiserver.kube.TemplateReads;
import io.agenttier.apiserver.kube.TemplateUseReads;
import io.agenttier.apiserver.kube.TokenReviews;
import io.agenttier.apiserver.resource.Activity;
import io.agenttier.apiserver.resource.AgentLimits;
import io.agenttier.apiserver.resource.MemoryBudget;
import io.agenttier.apiserver.resource.ResourceLimits;
import io.agenttier.apiserver.resource.SandboxEvents;
import io.agenttier.apiserver.resource.SandboxSubresources;
import io.agenttier.apiserver.route.CallAudit;
import io.agenttier.apiserver.route.InFlight;
import io.agenttier.apiserver.route.Pipeline;
import io.agenttier.apiserver.route.RateLimits;
import io.agenttier.apiserver.route.RequestHandler;
import io.agenttier.apiserver.route.RightsWatch;
import io.agenttier.apiserver.sandboxd.PodBound;
import io.agenttier.apiserver.sandboxd.SandboxdClient;
import io.agenttier.apiserver.telemetry.AuditLog;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.Metrics.Rejected;
import io.agenttier.apiserver.telemetry.Tracing;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server. It listens as soon as its certificate is there, is ready once everything it needs was loaded, and stops in the order
 * that loses no call: not ready, wait, listen no more, let running calls end, tell those that go on to come back.
 */
final class ApiServer {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

    /** How long a caller keeps a stream after he lost the right to it, at most. */
    private static final Duration RIGHTS_INTERVAL = Duration.ofMinutes(3);

    /** Longest wait for the end of a review. kube-apiserver waits for it no longer. */
    private static final Duration REVIEW = Duration.ofSeconds(10);

    private final ServerConfig config;
    private final InstantSource clock;
    private final Metrics metrics = new Metrics();
    private final ServingTls tls = new ServingTls();
    private final ServingTls admissionTls = new ServingTls();
    private final CountDownLatch certificatesLoaded = new CountDownLatch(2);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CurrentSigner signer;
    private final IdentityTrustWatch trust;
    private final KeyPairWatch servingPairs;
    private final KeyPairWatch admissionPairs;
    private final KeyPairWatch signerPairs;
    private final SandboxStore sandboxes;
    private final SandboxdClient sandboxd;
    private final Activity activity;
    private final SandboxEvents events;
    private final Tracing tracing;
    private final Readiness readiness;
    private final Pipeline pipeline;
    private final RequestHandler admission;
    private @Nullable HttpServer http;
    private @Nullable HttpServer webhook;

    /** Wires everything and begins to load; waits for nothing. */
    ApiServer(ServerConfig config, KubeConnection kube, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        this.signer = new CurrentSigner(metrics);
        this.trust = new IdentityTrustWatch(kube);
        this.servingPairs = new KeyPairWatch(kube, config.namespace(), config.service() + "-tls", use(tls, "serving"));
        this.admissionPairs = new KeyPairWatch(
                kube, config.namespace(), config.admissionService() + "-tls", use(admissionTls, "admission"));
        this.signerPairs = new KeyPairWatch(kube, config.namespace(), config.service() + "-signer", signer);
        this.sandboxes = new SandboxStore(kube);
        var load = config.load();
        this.sandboxd = new SandboxdClient(
                signer, clock, new PodBound(load.callsPerSandbox(), () -> metrics.callRejected(Rejected.SANDBOX)));
        var reviews = new AccessReviews(kube.calls());
        var access = new AccessDecisions(reviews);
        var limits = new ResourceLimits(
                config.execBodyBytes(),
                (int) Math.min(Integer.MAX_VALUE, config.execOutputBytes()),
                config.fileBytes(),
                config.archiveBytes(),
                load.startsAtOnce(),
                config.terminalRetention());
        this.activity = new Activity(sandboxes, new SandboxActivity(kube), clock);
        this.events = new SandboxEvents(sandboxes, new SandboxEventWriter(kube), clock);
        var subresources = SandboxSubresources.all(
                sandboxes,
                new SandboxPower(kube),
                new SandboxPorts(kube),
                config.previews(),
                sandboxd,
                access,
                limits,
                MemoryBudget.ofHeap(Runtime.getRuntime().maxMemory(), () -> metrics.callRejected(Rejected.MEMORY)),
                clock,
                activity,
                events,
                config.startDeadline(),
                new SandboxAgentRecords(kube),
                new AgentLimits(
                        config.configure(),
                        config.invokeBodyBytes(),
                        (int) Math.min(Integer.MAX_VALUE, config.execOutputBytes()),
                        config.maxInvokeTimeout(),
                        config.installTimeout(),
                        AgentLimits.DEFAULT.streamFor()),
                metrics.agent());
        this.tracing =
                config.otlp() == null ? Tracing.off() : Tracing.to(config.otlp(), Version.current(), metrics, clock);
        this.readiness = new Readiness(parts());
        this.pipeline = new Pipeline(
                new ServedPaths(subresources, readiness, metrics, Version.current()),
                subresources,
                new Authenticator(trust, reviewer(kube), metrics::clientCertificateRefused, clock),
                access,
                new RateLimits(load.user(), load.ip(), metrics, clock),
                new InFlight(load.requests(), load.webSockets(), metrics),
                new CallAudit(new AuditLog(clock), () -> UUID.randomUUID().toString(), config.auditInvokePayloads()),
                new RightsWatch(RIGHTS_INTERVAL),
                metrics,
                tracing,
                clock);
        this.admission = Admission.handler(
                reviews,
                new TemplateReads(kube.calls()),
                new TemplateUseReads(sandboxes, kube),
                sandboxes::knows,
                config.namespace(),
                config.protectedCidrs(),
                config.previews(),
                metrics,
                clock);
    }

    private TokenReviewer reviewer(KubeConnection kube) {
        return new BoundedTokenReviewer(
                new TokenReviews(kube.calls()),
                config.load().tokenReviews(),
                () -> metrics.callRejected(Rejected.TOKENS));
    }

    private Map<String, BooleanSupplier> parts() {
        var parts = new LinkedHashMap<String, BooleanSupplier>();
        parts.put("serving-certificate", tls::isReady);
        parts.put("admission-certificate", admissionTls::isReady);
        parts.put("signer", () -> signer.current().isPresent());
        parts.put("identity-trust", () -> trust.get().isPresent());
        parts.put("sandboxes", sandboxes::isLoaded);
        return parts;
    }

    private KeyPairWatch.Sink use(ServingTls server, String name) {
        return pair -> {
            var isFirst = !server.isReady();
            try {
                server.use(pair.key(), pair.chain());
            } catch (SSLException e) {
                throw new GeneralSecurityException(e.getMessage(), e);
            }
            noteLife(name, pair.chain().getFirst());
            if (isFirst) {
                certificatesLoaded.countDown();
            }
        };
    }

    /** A certificate outside its time is served all the same: kube-apiserver's clock may be the right one. */
    private void noteLife(String name, X509Certificate leaf) {
        var begin = leaf.getNotBefore().toInstant();
        var end = leaf.getNotAfter().toInstant();
        if (clock.instant().isBefore(begin) || clock.instant().isAfter(end)) {
            LOG.atError()
                    .addKeyValue("name", name)
                    .addKeyValue("from", begin)
                    .addKeyValue("until", end)
                    .log(
                            "a certificate is outside its time: see that agenttier-controller runs, and compare the clocks");
        }
        metrics.certificateExpires(name, end);
    }

    /** Loads, waits for the certificates, listens. Returns early if it is stopped meanwhile. */
    void start() throws InterruptedException {
        sandboxes.start();
        if (config.auditInvokePayloads()) {
            LOG.atWarn()
                    .log(
                            "audit lines hold argv and the beginning of standard input of exec and invoke, which may be secret: audit.includeInvokePayloads is for development only");
        }
        LOG.atInfo()
                .addKeyValue("namespace", config.namespace())
                .addKeyValue("secrets", config.service() + "-tls, " + config.admissionService() + "-tls")
                .log("waiting for the serving certificates");
        while (!certificatesLoaded.await(100, TimeUnit.MILLISECONDS)) {
            if (stopping.getCount() == 0) {
                return;
            }
        }
        synchronized (this) {
            if (stopping.getCount() > 0) {
                var limits =
                        HttpLimits.of(config.load().headerBytes(), config.load().connections());
                http = HttpServer.start(config.port(), tls, limits, pipeline, metrics, clock);
                webhook = HttpServer.start(config.admissionPort(), admissionTls, limits, admission, metrics, clock);
                LOG.atInfo()
                        .addKeyValue("port", http.port())
                        .addKeyValue("admissionPort", webhook.port())
                        .log("listening");
            }
        }
    }

    /** The port it listens on; 0 if it does not. */
    synchronized int port() {
        return http == null ? 0 : http.port();
    }

    /** The port of the webhook; 0 if it does not listen. */
    synchronized int admissionPort() {
        return webhook == null ? 0 : webhook.port();
    }

    boolean isReady() {
        return readiness.isReady();
    }

    /** Stops gracefully; takes at most the configured times. */
    void stop() {
        readiness.stop();
        synchronized (this) {
            stopping.countDown();
            if (http != null && webhook != null) {
                http.retire();
                webhook.retire();
                pause();
                stop(http, webhook);
            }
        }
        activity.close();
        events.close();
        trust.close();
        servingPairs.close();
        admissionPairs.close();
        signerPairs.close();
        sandboxes.close();
        sandboxd.close();
        tracing.close();
        LOG.atInfo().log("stopped");
    }

    /** Both at once: one after the other they could take longer than the pod may. */
    private void stop(HttpServer calls, HttpServer reviews) {
        var stoppingReviews = Thread.ofVirtual().name("stop-reviews").start(() -> reviews.stop(REVIEW));
        calls.stop(config.shutdownDrain());
        try {
            stoppingReviews.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Endpoints and kube-apiserver need this long to notice that we are not ready. */
    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(config.shutdownDelay().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
