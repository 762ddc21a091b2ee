package io.agenttier.apiserver.route;

import io.agenttier.api.ApiGroup;
import io.agenttier.apiserver.auth.AccessDecisions;
import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.Authenticator;
import io.agenttier.apiserver.auth.Identity;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.RequestSpan;
import io.agenttier.apiserver.telemetry.Tracing;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to every request, in this order: path, health, identity, limits, audit, right, route. Whatever fails becomes one Status, or
 * cuts the connection once an answer has begun.
 */
public final class Pipeline implements RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final String AVAILABILITY = "/apis/" + ApiGroup.SUBRESOURCES_API_VERSION;

    /** Subresources that become a WebSocket when asked; elsewhere the headers that ask for one mean nothing. */
    private static final Set<String> SOCKETS = Set.of("attach", "exec", "portforward", "proxy");

    private final Endpoint.Directory endpoints;
    private final Map<String, Subresource> subresources;
    private final Set<String> deep;
    private final Authenticator authenticator;
    private final AccessDecisions access;
    private final RateLimits rates;
    private final InFlight inFlight;
    private final CallAudit audit;
    private final RightsWatch rights;
    private final Metrics metrics;
    private final Tracing tracing;
    private final InstantSource clock;

    public Pipeline(
            Endpoint.Directory endpoints,
            List<Subresource> subresources,
            Authenticator authenticator,
            AccessDecisions access,
            RateLimits rates,
            InFlight inFlight,
            CallAudit audit,
            RightsWatch rights,
            Metrics metrics,
            Tracing tracing,
            InstantSource clock) {
        this.endpoints = endpoints;
        this.subresources = subresources.stream().collect(Collectors.toMap(Subresource::name, Function.identity()));
        this.deep = subresources.stream()
                .filter(Subresource::ownsPath)
                .map(Subresource::name)
                .collect(Collectors.toUnmodifiableSet());
        this.authenticator = authenticator;
        this.access = access;
        this.rates = rates;
        this.inFlight = inFlight;
        this.audit = audit;
        this.rights = rights;
        this.metrics = metrics;
        this.tracing = tracing;
        this.clock = clock;
    }

    @Override
    public void handle(Incoming incoming, Exchange plain) {
        metrics.requestBegan();
        var exchange = new ObservedExchange(plain);
        var info = RequestInfo.parse(incoming.method(), incoming.rawPath(), deep);
        var span = span(incoming, info);
        try (var _ = span.inLogs()) {
            attempt(exchange, () -> serve(incoming, info, exchange, span));
        } finally {
            span.ended(exchange.code());
            metrics.requestEnded(
                    subresourceLabel(info),
                    verbLabel(info),
                    exchange.code(),
                    Duration.between(incoming.received(), clock.instant()));
        }
    }

    private RequestSpan span(Incoming incoming, RequestInfo info) {
        if (!(info instanceof RequestInfo.Resource resource)) {
            return RequestSpan.NONE;
        }
        var parent = incoming.headers().getOrDefault("traceparent", List.of());
        return tracing.request(incoming.method(), parent, subresourceLabel(info), resource.verb());
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Runs a step; what it throws becomes the answer. */
    private static void attempt(ObservedExchange exchange, Step step) {
        try {
            step.run();
        } catch (ApiException e) {
            refuse(exchange, e.error());
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a call ended early");
            refuse(exchange, new ApiError.Unavailable("the call was interrupted: " + e.getMessage()));
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("a call ended with a bug");
            refuse(exchange, new ApiError.Internal("an error on the server has prevented the request from succeeding"));
        }
    }

    private void serve(Incoming incoming, RequestInfo info, ObservedExchange exchange, RequestSpan span)
            throws IOException {
        if (info instanceof RequestInfo.Malformed malformed) {
            throw new ApiException(new ApiError.BadRequest(malformed.message()));
        }
        var query = query(incoming, info);
        if (info instanceof RequestInfo.NonResource open
                && endpoints.open(open.path()).isPresent()) {
            serveEndpoint(endpoints.open(open.path()), open, incoming, query, exchange);
            return;
        }
        // kube-apiserver judges us by this path: it never waits for a place
        boolean isLimited =
                !(info instanceof RequestInfo.NonResource path && path.path().equals(AVAILABILITY));
        boolean isSocket = isSocket(info, incoming);
        if (isLimited && !isSocket) {
            // before a bearer token costs a review
            rates.takeOfAddress(incoming, () -> authenticator.isFrontProxy(incoming.certificates()));
        }
        var identity = authenticator.authenticate(incoming.certificates(), incoming.headers());
        if (isLimited && !isSocket) {
            rates.takeOf(identity.user());
        }
        var anonymous = incoming.withHeaders(identity.headers());
        switch (info) {
            case RequestInfo.NonResource path
            when !isLimited -> serveGuarded(path, identity, anonymous, query, exchange);
            case RequestInfo.NonResource path -> {
                try (var _ = inFlight.enter(identity.user(), isSocket)) {
                    serveGuarded(path, identity, anonymous, query, exchange);
                }
            }
            case RequestInfo.Resource resource -> {
                try (var _ = inFlight.enter(identity.user(), isSocket)) {
                    serveResource(resource, identity, incoming, query, exchange, span);
                }
            }
            case RequestInfo.NotServed path -> throw new ApiException(unknown(path.path()));
            case RequestInfo.Malformed malformed ->
                throw new ApiException(new ApiError.BadRequest(malformed.message()));
        }
    }

    private static boolean isSocket(RequestInfo info, Incoming incoming) {
        return info instanceof RequestInfo.Resource resource
                && SOCKETS.contains(resource.subresource())
                && WebSocketOffer.isUpgrade(incoming.headers());
    }

    private Map<String, List<String>> query(Incoming incoming, RequestInfo info) {
        boolean isOwned = info instanceof RequestInfo.Resource resource && deep.contains(resource.subresource());
        var query = isOwned ? Optional.of(Map.<String, List<String>>of()) : Query.parse(incoming.rawQuery());
        return query.orElseThrow(() -> new ApiException(
                new ApiError.BadRequest("the query is not valid percent-encoded UTF-8 without spaces")));
    }

    private void serveGuarded(
            RequestInfo.NonResource path,
            Identity identity,
            Incoming incoming,
            Map<String, List<String>> query,
            Exchange exchange) {
        access.require(identity.user(), new Attributes.NonResource(path.verb(), path.path()));
        serveEndpoint(endpoints.guarded(path.path()), path, incoming, query, exchange);
    }

    private static void serveEndpoint(
            Optional<Endpoint> endpoint,
            RequestInfo.NonResource path,
            Incoming incoming,
            Map<String, List<String>> query,
            Exchange exchange) {
        var found = endpoint.orElseThrow(() -> new ApiException(unknown(path.path())));
        if (!incoming.method().equals("GET") && !incoming.method().equals("HEAD")) {
            throw new ApiException(wrongMethod(incoming.method(), List.of("GET", "HEAD"), path.path()));
        }
        exchange.answer(found.serve(incoming, query));
    }

    private void serveResource(
            RequestInfo.Resource resource,
            Identity identity,
            Incoming incoming,
            Map<String, List<String>> query,
            ObservedExchange exchange,
            RequestSpan span) {
        var attributes = new Attributes.Resource(
                resource.verb(),
                resource.namespace(),
                ApiGroup.GROUP,
                ApiGroup.SUBRESOURCES_VERSION,
                resource.resource(),
                resource.subresource(),
                resource.name());
        var anonymous = incoming.withHeaders(identity.headers());
        var needed = needed(attributes, anonymous);
        try (var entry = audit.open(anonymous, identity, attributes, exchange);
                var watch = rights.open()) {
            exchange.whenStreamBegins(end -> watch.begin(end, () -> mayStill(incoming, identity, needed), exchange));
            exchange.whenStreamBegins(_ -> countSocket(exchange, resource));
            attempt(exchange, () -> {
                for (var right : needed) {
                    access.require(identity.user(), right);
                }
                var call = new Call(
                        incoming.method(),
                        resource.namespace(),
                        resource.name(),
                        resource.subresource(),
                        resource.rest(),
                        incoming.rawQuery(),
                        query,
                        anonymous.headers(),
                        origin(anonymous, identity),
                        identity.user(),
                        entry.auditId(),
                        incoming.received(),
                        span);
                find(resource, incoming).serve(call, exchange);
            });
        } finally {
            if (exchange.isUpgraded()) {
                metrics.socketClosed(resource.subresource(), exchange.notes().getOrDefault("close-code", "none"));
            }
        }
    }

    private static Origin origin(Incoming incoming, Identity identity) {
        return identity.viaFrontProxy()
                ? new Origin(CallAudit.forwardedFor(incoming), "")
                : new Origin(List.of(incoming.source()), incoming.header("host").orElse(""));
    }

    private void countSocket(ObservedExchange exchange, RequestInfo.Resource resource) {
        if (exchange.isUpgraded()) {
            metrics.socketOpened(resource.subresource());
        }
    }

    /** A connection that goes both ways does more than a GET: it needs {@code create} as well, as for pods. kube-apiserver checks get. */
    private static List<Attributes.Resource> needed(Attributes.Resource attributes, Incoming incoming) {
        return attributes.verb().equals("get") && WebSocketOffer.isUpgrade(incoming.headers())
                ? List.of(attributes, attributes.withVerb("create"))
                : List.of(attributes);
    }

    /** Whether a caller who may is still the same and still may. */
    private boolean mayStill(Incoming incoming, Identity identity, List<Attributes.Resource> needed) {
        var now = authenticator.authenticate(incoming.certificates(), incoming.headers());
        return now.user().equals(identity.user())
                && needed.stream().allMatch(right -> access.allowed(now.user(), right));
    }

    private Subresource find(RequestInfo.Resource resource, Incoming incoming) {
        var path = incoming.rawPath();
        if (!resource.resource().equals("sandboxes")
                || resource.namespace().isEmpty()
                || resource.subresource().isEmpty()) {
            throw new ApiException(unknown(path));
        }
        var subresource = subresources.get(resource.subresource());
        if (subresource == null) {
            var known = String.join(", ", new TreeSet<>(subresources.keySet()));
            throw new ApiException(new ApiError.NotFound(
                    "sandboxes",
                    resource.name(),
                    "sandboxes have no subresource \"%s\"; there are %s".formatted(resource.subresource(), known)));
        }
        if (!resource.rest().isEmpty() && !subresource.ownsPath()) {
            throw new ApiException(unknown(path));
        }
        if (!subresource.methods().contains(incoming.method())) {
            throw new ApiException(wrongMethod(
                    incoming.method(),
                    List.copyOf(new TreeSet<>(subresource.methods())),
                    "sandboxes/" + subresource.name()));
        }
        return subresource;
    }

    private static void refuse(Exchange exchange, ApiError error) {
        switch (error) {
            case ApiError.Internal internal -> logFailure(internal.message());
            case ApiError.BadGateway answer -> logFailure(answer.what());
            default -> {}
        }
        if (!exchange.hasBegun()) {
            exchange.answer(Answers.error(error));
        }
    }

    private static void logFailure(String cause) {
        LOG.atWarn().addKeyValue("cause", cause).log("a call failed on our side");
    }

    private static ApiError unknown(String path) {
        return new ApiError.NotFound(
                "", "", "the server could not find the requested resource: nothing is served at %s".formatted(path));
    }

    private static ApiError wrongMethod(String method, List<String> allowed, String what) {
        return new ApiError.MethodNotAllowed(
                method,
                allowed,
                "%s does not serve method %s: use %s".formatted(what, method, String.join(" or ", allowed)));
    }

    private String subresourceLabel(RequestInfo info) {
        return info instanceof RequestInfo.Resource r && subresources.containsKey(r.subresource())
                ? r.subresource()
                : "none";
    }

    private static String verbLabel(RequestInfo info) {
        return switch (info) {
            case RequestInfo.Resource r -> r.verb();
            case RequestInfo.NonResource n when n.verb().equals("get") -> "get";
            default -> "other";
        };
    }
}
