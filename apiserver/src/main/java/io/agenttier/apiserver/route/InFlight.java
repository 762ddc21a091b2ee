package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.telemetry.Metrics;
import io.agenttier.apiserver.telemetry.Metrics.Rejected;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls run at once: in all, and of one user; WebSockets apart from other requests, since they are held for hours and mostly
 * idle. kube-apiserver's own priorities and fairness let the long-running ones pass, so these are the only bounds they have.
 */
public final class InFlight {
    /**
     * Bounds of one kind of call.
     *
     * @param perUser for each user name
     */
    public record Bounds(int inAll, int perUser) {}

    private final Places requests;
    private final Places sockets;

    public InFlight(Bounds requests, Bounds sockets, Metrics metrics) {
        this.requests = new Places(requests, "requests", Rejected.REQUESTS, Rejected.REQUESTS_OF_USER, metrics);
        this.sockets = new Places(sockets, "WebSockets", Rejected.WEBSOCKETS, Rejected.WEBSOCKETS_OF_USER, metrics);
    }

    /**
     * Takes a place. Nothing has started, so a refusal may be repeated: it says when.
     *
     * @throws ApiException 429
     */
    Place enter(User user, boolean isSocket) {
        return (isSocket ? sockets : requests).enter(user);
    }

    /** A place among those that run; closing it gives it back. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    private record Places(
            Bounds bounds,
            String what,
            Rejected inAll,
            Rejected ofUser,
            Metrics metrics,
            AtomicInteger running,
            ConcurrentHashMap<String, Integer> users) {
        Places(Bounds bounds, String what, Rejected inAll, Rejected ofUser, Metrics metrics) {
            this(bounds, what, inAll, ofUser, metrics, new AtomicInteger(), new ConcurrentHashMap<>());
        }

        Place enter(User user) {
            if (running.incrementAndGet() > bounds.inAll) {
                running.decrementAndGet();
                metrics.callRejected(inAll);
                throw busy("this server runs", bounds.inAll);
            }
            int mine = users.merge(user.name(), 1, Integer::sum);
            if (mine > bounds.perUser) {
                leave(user);
                metrics.callRejected(ofUser);
                throw busy("User \"%s\" runs".formatted(user.name()), bounds.perUser);
            }
            return () -> leave(user);
        }

        private void leave(User user) {
            users.computeIfPresent(user.name(), (_, count) -> count == 1 ? null : count - 1);
            running.decrementAndGet();
        }

        private ApiException busy(String who, int limit) {
            return new ApiException(new ApiError.TooManyRequests(
                    "too many %s: %s %d at once, which is the limit; try again later".formatted(what, who, limit),
                    Duration.ofSeconds(1)));
        }
    }
}
