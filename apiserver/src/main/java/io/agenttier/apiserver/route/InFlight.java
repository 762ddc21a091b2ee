package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.telemetry.Metrics;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests run at once: in all, and of one user. kube-apiserver's own priorities and fairness let the long-running ones pass, so
 * these are the only bounds they have.
 */
public final class InFlight {
    private final int inAll;
    private final int perUser;
    private final Metrics metrics;
    private final ConcurrentHashMap<String, Integer> users = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();

    /** @param perUser bound for each user name */
    public InFlight(int inAll, int perUser, Metrics metrics) {
        this.inAll = inAll;
        this.perUser = perUser;
        this.metrics = metrics;
    }

    /** A place among the running requests; closing it gives it back. */
    public final class Place implements AutoCloseable {
        private final String user;

        private Place(String user) {
            this.user = user;
        }

        @Override
        public void close() {
            users.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
            running.decrementAndGet();
        }
    }

    /**
     * Takes a place. Nothing has started, so a refusal may be repeated: it says when.
     *
     * @throws ApiException 429
     */
    public Place enter(User user) {
        if (running.incrementAndGet() > inAll) {
            running.decrementAndGet();
            metrics.requestRejected("server");
            throw busy("this server runs", inAll);
        }
        int mine = users.merge(user.name(), 1, Integer::sum);
        var place = new Place(user.name());
        if (mine > perUser) {
            place.close();
            metrics.requestRejected("user");
            throw busy("User \"%s\" runs".formatted(user.name()), perUser);
        }
        return place;
    }

    private static ApiException busy(String who, int limit) {
        return new ApiException(new ApiError.TooManyRequests(
                "too many requests: %s %d at once, which is the limit; try again later".formatted(who, limit),
                Duration.ofSeconds(1)));
    }
}
