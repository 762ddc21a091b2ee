package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.DaemonErrors.Subject;
import io.agenttier.apiserver.resource.RemoteEnd.Fate;
import io.agenttier.apiserver.route.Call;
import io.agenttier.apiserver.sandboxd.Endpoint;
import io.agenttier.apiserver.sandboxd.UnreachableException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way from a call to the daemon of its sandbox. A cached state is enough to serve; a refusal, and a pod that does not answer, are
 * believed only after one live read.
 */
final class SandboxAccess {
    private final Sandboxes sandboxes;
    private final int port;
    private final @Nullable Activity activity;
    private final @Nullable AutoResume autoResume;
    private final FairTurns starts;

    /**
     * Notes no use and starts nothing.
     *
     * @param port of every sandboxd
     */
    SandboxAccess(Sandboxes sandboxes, int port) {
        this(sandboxes, port, new FairTurns(ResourceLimits.DEFAULT.startsAtOnce()), null, null);
    }

    /** @param starts where processes wait for their start */
    SandboxAccess(
            Sandboxes sandboxes,
            int port,
            FairTurns starts,
            @Nullable Activity activity,
            @Nullable AutoResume autoResume) {
        this.sandboxes = sandboxes;
        this.port = port;
        this.starts = starts;
        this.activity = activity;
        this.autoResume = autoResume;
    }

    /** What is asked of the daemon. */
    @FunctionalInterface
    interface Question<T> {
        T ask(Endpoint endpoint) throws IOException;
    }

    /**
     * Asks the daemon that can serve this call, at most twice: the second time elsewhere, if nothing was sent and the pod has changed.
     *
     * @throws ApiException the sandbox is in no state to serve, or the daemon refused
     */
    <T> T ask(Call call, Use use, Subject subject, Question<T> question) throws IOException {
        var pinned = call.header("agenttier-incarnation").map(use::pinned).orElse(use);
        var endpoint = endpoint(call, pinned);
        try {
            try {
                return served(call, question.ask(endpoint));
            } catch (UnreachableException e) {
                var present = e.nothingSent() ? live(call, pinned) : endpoint;
                if (present.equals(endpoint)) {
                    throw e;
                }
                return served(call, question.ask(present));
            }
        } catch (IOException e) {
            throw new ApiException(DaemonErrors.of(e, call.name(), subject));
        }
    }

    /**
     * {@link #ask} for what starts a process, in the turn of the caller; the wait for a sandbox takes no turn from anybody.
     *
     * @throws ApiException as there, and 429 if the turn does not come
     */
    <T> T start(Call call, Use use, Subject subject, Question<T> question) throws IOException {
        return ask(call, use, subject, endpoint -> {
            try (var _ = starts.take(call.user().name())) {
                return question.ask(endpoint);
            }
        });
    }

    /**
     * Makes sure that the sandbox declares a port.
     *
     * @throws ApiException 404 there is no such sandbox, or no such port of it
     */
    void requirePort(Call call, int wanted) {
        var cached = sandboxes.cached(call.namespace(), call.name());
        if (cached.filter(state -> state.ports().contains(wanted)).isPresent()) {
            return;
        }
        var state = sandboxes
                .live(call.namespace(), call.name())
                .orElseThrow(() -> new ApiException(Reach.notFound(call.namespace(), call.name())));
        if (!state.ports().contains(wanted)) {
            throw new ApiException(new ApiError.NotFound(
                    "sandboxes",
                    call.name(),
                    "port %d is not declared by sandbox \"%s\", which declares %s: add it to spec.ports"
                            .formatted(wanted, call.name(), state.ports().isEmpty() ? "none" : state.ports())));
        }
    }

    /** The daemon of this sandbox if one can be asked now; starts nothing. */
    Optional<Endpoint> present(Call call, Use use) {
        var state = sandboxes.live(call.namespace(), call.name());
        if (state.isEmpty()) {
            throw new ApiException(Reach.notFound(call.namespace(), call.name()));
        }
        return Reach.of(state, call.namespace(), call.name(), port, use) instanceof Reach.At at
                ? Optional.of(at.endpoint())
                : Optional.empty();
    }

    private <T> T served(Call call, T answer) {
        used(call);
        return answer;
    }

    /** The sandbox of this call is used now. */
    void used(Call call) {
        if (activity != null) {
            activity.used(call.namespace(), call.name());
        }
    }

    /** The client of this call stays attached until what is returned is closed: that is use for as long. */
    AttachedUse attached(Call call) {
        if (activity == null) {
            return () -> {};
        }
        var use = activity.lasts(call.namespace(), call.name());
        return use::close;
    }

    /** Ends without a failure. */
    @FunctionalInterface
    interface AttachedUse extends AutoCloseable {
        @Override
        void close();
    }

    /** A pod that may serve; decided on the cache if it says yes. */
    private Endpoint endpoint(Call call, Use use) {
        var cached = sandboxes.cached(call.namespace(), call.name());
        return Reach.of(cached, call.namespace(), call.name(), port, use) instanceof Reach.At at
                ? at.endpoint()
                : live(call, use);
    }

    private Endpoint live(Call call, Use use) {
        var state = sandboxes.live(call.namespace(), call.name());
        return switch (Reach.of(state, call.namespace(), call.name(), port, use)) {
            case Reach.At at -> at.endpoint();
            case Reach.Refused refused -> started(call, use, state, refused.error());
        };
    }

    /** After an idle stop a call may start the sandbox; one about a process of the pod that is gone never does. */
    private Endpoint started(Call call, Use use, Optional<SandboxState> state, ApiError refusal) {
        if (autoResume == null
                || refusal instanceof ApiError.Gone
                || state.filter(AutoResume::concerns).isEmpty()
                || !autoResume.allows(call)) {
            throw new ApiException(refusal);
        }
        if (!use.handle().isEmpty()) {
            throw new ApiException(Reach.gone(state.get(), use));
        }
        return autoResume.await(call, use, port);
    }

    /** What became of the pod of this incarnation. Asks the API server. */
    Fate fate(Call call, String incarnation) {
        var found = sandboxes.live(call.namespace(), call.name());
        if (found.isEmpty() || found.get().deleting()) {
            return Fate.DELETED;
        }
        var state = found.get();
        if (state.phase().equals("Stopped") || state.stoppedAt() != null) {
            return Fate.STOPPED;
        }
        boolean lives = state.pods().stream()
                .anyMatch(pod -> !pod.terminating() && pod.incarnation().equals(incarnation));
        return lives ? Fate.UNREACHABLE : Fate.POD_LOST;
    }

    /** Where a process of this incarnation can be asked for now; empty if its pod is gone for good. Asks the API server. */
    Optional<Endpoint> find(Call call, String incarnation) {
        var use = new Use(call.subresource(), Optional.of(incarnation), "process");
        var state = sandboxes.live(call.namespace(), call.name());
        return switch (Reach.of(state, call.namespace(), call.name(), port, use)) {
            case Reach.At at -> Optional.of(at.endpoint());
            case Reach.Refused(ApiError.Gone _), Reach.Refused(ApiError.NotFound _) -> Optional.empty();
            case Reach.Refused refused -> throw new ApiException(refused.error());
        };
    }
}
