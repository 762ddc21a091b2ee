package io.agenttier.apiserver.resource;

import io.agenttier.api.StopReason;
import io.agenttier.apiserver.auth.Authorizer;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A call starts a sandbox that stopped as idle, if it says so and the caller might resume it, and waits until it is Ready. */
final class AutoResume {
    /** What kube-apiserver lets last; every other call ends after 60 s, of which it may have queued some. */
    private static final Set<String> UNLIMITED = Set.of("exec", "attach", "log", "portforward", "proxy");

    private static final Duration LIMITED_WAIT = Duration.ofSeconds(40);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /** The cache is looked at this often even if nothing rings. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Forgetting costs a write more. */
    private static final int REMEMBERED_MAX = 10_000;

    private final Sandboxes sandboxes;
    private final Power power;
    private final Authorizer authorizer;
    private final InstantSource clock;
    private final Duration startDeadline;
    /** By uid: the stop that a start was asked for after. */
    private final ConcurrentMap<String, Instant> answered = new ConcurrentHashMap<>();

    AutoResume(Sandboxes sandboxes, Power power, Authorizer authorizer, InstantSource clock, Duration startDeadline) {
        this.sandboxes = sandboxes;
        this.power = power;
        this.authorizer = authorizer;
        this.clock = clock;
        this.startDeadline = startDeadline;
    }

    /** Whether the sandbox is one that a call starts, or waits for since another call did. Pure. */
    static boolean concerns(SandboxState state) {
        var lifecycle = state.lifecycle();
        if (!lifecycle.autoResume()
                || state.deleting()
                || !lifecycle.stoppedReason().equals(StopReason.IDLE_TIMEOUT)) {
            return false;
        }
        return switch (state.phase()) {
            case "Stopped" -> true;
            case "Creating" -> lifecycle.startRequested();
            case "Running" -> lifecycle.stopping();
            default -> false;
        };
    }

    boolean allows(Call call) {
        return authorizer.allowed(call.user(), call.namespace(), "create", "resume", call.name());
    }

    /**
     * Starts it, unless that was done, and waits.
     *
     * @throws ApiException {@code Starting} when the wait is over; the start goes on
     */
    Endpoint await(Call call, Use use, int port) {
        var until = clock.instant().plus(UNLIMITED.contains(call.subresource()) ? startDeadline : LIMITED_WAIT);
        try (var news = sandboxes.news(call.namespace(), call.name())) {
            var state = sandboxes.live(call.namespace(), call.name());
            while (true) {
                switch (Reach.of(state, call.namespace(), call.name(), port, use)) {
                    case Reach.At at -> {
                        return at.endpoint();
                    }
                    case Reach.Refused refused ->
                        start(
                                call,
                                state.filter(AutoResume::concerns)
                                        .orElseThrow(() -> new ApiException(refused.error())));
                }
                var left = Duration.between(clock.instant(), until);
                if (!left.isPositive()) {
                    throw new ApiException(new ApiError.Starting(
                            "sandbox \"%s\" was stopped as idle and is being started: try again".formatted(call.name()),
                            RETRY_AFTER));
                }
                news.await(left.compareTo(LOOK) < 0 ? left : LOOK);
                state = current(call);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(new ApiError.Unavailable("the wait for the sandbox was interrupted: try again"));
        }
    }

    /** From the cache, unless that shows what would be refused: it may lag behind. */
    private Optional<SandboxState> current(Call call) {
        var cached = sandboxes.cached(call.namespace(), call.name());
        return cached.filter(AutoResume::concerns).isPresent() ? cached : sandboxes.live(call.namespace(), call.name());
    }

    /** Once a stop, whoever calls. */
    private void start(Call call, SandboxState state) {
        var stopped = state.stoppedAt();
        if (!state.phase().equals("Stopped") || state.lifecycle().startRequested() || stopped == null) {
            return;
        }
        if (answered.size() >= REMEMBERED_MAX) {
            answered.clear();
        }
        if (stopped.equals(answered.put(state.uid(), stopped))) {
            return;
        }
        try {
            power.resume(state, call.user().name(), PowerRules.startRequestedAt(state, clock.instant()), false);
        } catch (RuntimeException e) {
            answered.remove(state.uid(), stopped);
            throw e;
        }
    }
}
