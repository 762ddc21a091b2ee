package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.AccessDecisions;
import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.Authenticator;
import io.agenttier.apiserver.auth.BoundedTokenReviewer;
import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.auth.TokenReviewer;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.discovery.Readiness;
import io.agenttier.apiserver.discovery.ServedPaths;
import io.agenttier.apiserver.http.Certificates;
import io.agenttier.apiserver.http.HttpLimits;
import io.agenttier.apiserver.http.HttpServer;
import io.agenttier.apiserver.http.RawClient;
import io.agenttier.apiserver.http.ServingTls;
import io.agenttier.apiserver.telemetry.AuditLog;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.Tracing;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** A server as it stands in a cluster, and the certificates of those who call it: kube-apiserver's aggregator, users, strangers. */
public final class Aggregator implements AutoCloseable {
    static final TokenBucket.Rate OFF = new TokenBucket.Rate(0, 1);
    private static final InFlight.Bounds BOUNDS = new InFlight.Bounds(100, 50);
    static final int TOKEN_REVIEWS = 4;

    private final InstantSource clock = InstantSource.system();
    final Certificates serverAuthority = new Certificates("server-ca");
    final Certificates proxyAuthority = new Certificates("front-proxy-ca");
    final Certificates clientAuthority = new Certificates("client-ca");
    final Certificates.Pair proxy = proxyAuthority.client("CN=front-proxy-client");
    final LinkedBlockingQueue<String> audit = new LinkedBlockingQueue<>();
    final AtomicInteger reviews = new AtomicInteger();
    final Map<String, User> tokens = new ConcurrentHashMap<>();
    final Metrics metrics = new Metrics();
    volatile TokenReviewer tokenReviewer = token -> Optional.ofNullable(tokens.get(token));
    /** By which rates are counted. */
    volatile Instant now = Instant.EPOCH;

    volatile BiPredicate<User, Attributes> rights = (_, _) -> true;
    volatile @Nullable IOException reviewFailure;
    volatile Optional<IdentityTrust> trust;
    volatile boolean loaded = true;
    final Readiness readiness = new Readiness(Map.of("everything", () -> loaded));
    final HttpServer server;

    Aggregator(Subresource... subresources) throws Exception {
        this(Tracing.off(), subresources);
    }

    Aggregator(int inFlight, int perUser, Subresource... subresources) throws Exception {
        this(new InFlight.Bounds(inFlight, perUser), OFF, OFF, false, Tracing.off(), subresources);
    }

    Aggregator(InFlight.Bounds bounds, TokenBucket.Rate perUser, TokenBucket.Rate perIp, Subresource... subresources)
            throws Exception {
        this(bounds, perUser, perIp, false, Tracing.off(), subresources);
    }

    public Aggregator(Tracing tracing, Subresource... subresources) throws Exception {
        this(BOUNDS, OFF, OFF, false, tracing, subresources);
    }

    /** One whose audit lines hold content of calls. */
    static Aggregator forDevelopment(Subresource... subresources) throws Exception {
        return new Aggregator(BOUNDS, OFF, OFF, true, Tracing.off(), subresources);
    }

    private Aggregator(
            InFlight.Bounds bounds,
            TokenBucket.Rate perUser,
            TokenBucket.Rate perIp,
            boolean includePayloads,
            Tracing tracing,
            Subresource... subresources)
            throws Exception {
        trust = Optional.of(new IdentityTrust(
                List.of(proxyAuthority.authority()),
                List.of("front-proxy-client"),
                List.of("x-remote-user"),
                List.of("x-remote-uid"),
                List.of("x-remote-group"),
                List.of("x-remote-extra-"),
                List.of(clientAuthority.authority())));
        var all = List.of(subresources);
        var ids = new AtomicInteger();
        AccessReviewer reviewer = (user, attributes) -> {
            reviews.incrementAndGet();
            if (reviewFailure != null) {
                throw reviewFailure;
            }
            return new AccessReviewer.Decision(rights.test(user, attributes), "");
        };
        var pipeline = new Pipeline(
                new ServedPaths(all, readiness, metrics, "0.1.0"),
                all,
                new Authenticator(
                        () -> trust,
                        new BoundedTokenReviewer(
                                token -> tokenReviewer.review(token),
                                TOKEN_REVIEWS,
                                () -> metrics.callRejected(Metrics.Rejected.TOKENS)),
                        metrics::clientCertificateRefused,
                        clock),
                new AccessDecisions(reviewer),
                new RateLimits(perUser, perIp, metrics, () -> now),
                new InFlight(bounds, bounds, metrics),
                new CallAudit(new AuditLog(clock, audit::add), () -> "made-" + ids.incrementAndGet(), includePayloads),
                new RightsWatch(Duration.ofMillis(20)),
                metrics,
                tracing,
                clock);
        var tls = new ServingTls();
        var pair = serverAuthority.server(RawClient.SERVER_NAME);
        tls.use(pair.key(), pair.chain());
        server = HttpServer.start(0, tls, HttpLimits.of(1 << 20, 1000), pipeline, metrics, clock);
    }

    /** A connection of kube-apiserver. */
    public RawClient connectProxy() throws Exception {
        return connect(proxy);
    }

    /** A connection of someone with this certificate. */
    RawClient connect(Certificates.@Nullable Pair identity) throws Exception {
        return new RawClient(server.port(), serverAuthority.authority(), identity);
    }

    /** One request of kube-apiserver on behalf of a user. */
    RawClient.Answer as(String user, String method, String target, String... headers) throws Exception {
        var all = new String[headers.length + 1];
        all[0] = "X-Remote-User: " + user;
        System.arraycopy(headers, 0, all, 1, headers.length);
        try (var client = connect(proxy)) {
            return client.call(method, target, all);
        }
    }

    public static String path(String rest) {
        return "/apis/agenttier.io/subresources-v1alpha1/" + rest;
    }

    @Override
    public void close() {
        server.stop(Duration.ZERO);
    }
}
