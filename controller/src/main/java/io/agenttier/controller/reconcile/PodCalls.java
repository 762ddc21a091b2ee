package io.agenttier.controller.reconcile;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agenttier.controller.effect.Effect;
import io.agenttier.controller.effect.Witness;
import io.agenttier.controller.plan.Action;
import io.agenttier.controller.plan.PodAnswer;
import io.agenttier.controller.plan.PodQuestion;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.sandboxd.Endpoint;
import io.agenttier.controller.sandboxd.Notice;
import io.agenttier.controller.sandboxd.Reply;
import io.agenttier.controller.sandboxd.SandboxdClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks daemons away from the threads that reconcile, and keeps the answers for the plans that come. A question under way or answered is not asked
 * again; when an answer comes its sandbox is looked at anew. All of it may be forgotten: then the next plan asks again.
 */
final class PodCalls {
    /** Calls under way at the same time; a hook that hangs holds one of them for its time limit. */
    private static final int CONCURRENT_MAX = 256;

    private static final int PODS_MAX = 20_000;
    private static final int QUESTIONS_MAX = 32;
    private static final Duration KEPT = Duration.ofHours(1);

    private final SandboxdClient client;
    private final Duration hookLimit;
    private final Consumer<Key> wake;
    private final ExecutorService threads;
    private final InstantSource clock;
    private final Witness witness;
    private final Semaphore places = new Semaphore(CONCURRENT_MAX);
    private final Cache<String, Asked> byPod =
            Caffeine.newBuilder().maximumSize(PODS_MAX).expireAfterAccess(KEPT).build();

    /** Questions to one pod, the oldest first; without an answer while under way. */
    private static final class Asked {
        private final Map<PodQuestion, Slot> slots = new LinkedHashMap<>();
    }

    private record Slot(@Nullable PodAnswer answer, int attempts) {
        boolean isOpen() {
            return answer == null;
        }
    }

    /**
     * @param wake called with the sandbox of a pod that answered
     * @param threads one thread a task, such as virtual ones
     */
    PodCalls(
            SandboxdClient client,
            Duration hookLimit,
            Consumer<Key> wake,
            ExecutorService threads,
            InstantSource clock,
            Witness witness) {
        this.client = client;
        this.hookLimit = hookLimit;
        this.wake = wake;
        this.threads = threads;
        this.clock = clock;
        this.witness = witness;
    }

    /** What is known of the pod with that uid. */
    Map<PodQuestion, PodAnswer> answers(String podUid) {
        var asked = byPod.getIfPresent(podUid);
        var answers = new HashMap<PodQuestion, PodAnswer>();
        if (asked != null) {
            synchronized (asked) {
                asked.slots.forEach((question, slot) -> {
                    if (slot.answer != null) {
                        answers.put(question, slot.answer);
                    }
                });
            }
        }
        return answers;
    }

    /** Begins to ask, unless that is under way or answered. Does not wait. */
    void ask(Key sandbox, Action.Ask ask) {
        var asked = byPod.get(ask.podUid(), _ -> new Asked());
        int attempts;
        synchronized (asked) {
            var known = asked.slots.get(ask.question());
            if (known != null && !(known.answer instanceof PodAnswer.Failed)) {
                return;
            }
            attempts = known == null ? 1 : known.attempts + 1;
            asked.slots.remove(ask.question());
            asked.slots.put(ask.question(), new Slot(null, attempts));
            forgetOldest(asked);
        }
        threads.execute(() -> {
            var answer = call(sandbox, ask, attempts);
            synchronized (asked) {
                asked.slots.put(ask.question(), new Slot(answer, attempts));
            }
            wake.accept(sandbox);
        });
    }

    private static void forgetOldest(Asked asked) {
        var all = asked.slots.entrySet().iterator();
        while (asked.slots.size() > QUESTIONS_MAX && all.hasNext()) {
            if (!all.next().getValue().isOpen()) {
                all.remove();
            }
        }
    }

    private PodAnswer call(Key sandbox, Action.Ask ask, int attempts) {
        try {
            places.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new PodAnswer.Failed("the controller ends", attempts, clock.instant());
        }
        try {
            var effect = effect(ask.question());
            var target = ResourceKind.SANDBOX.path(sandbox.namespace(), sandbox.name());
            witness.before(effect, target);
            var answer = call(ask, attempts);
            witness.after(effect, target);
            return answer;
        } catch (RuntimeException e) {
            return new PodAnswer.Failed("the call failed: " + e, attempts, clock.instant());
        } finally {
            places.release();
        }
    }

    private static Effect effect(PodQuestion question) {
        return switch (question) {
            case PodQuestion.Run _ -> Effect.RUN_HOOK;
            case PodQuestion.Look _ -> Effect.READ_REPORT;
            case PodQuestion.Tell _, PodQuestion.CallOff _ -> Effect.GIVE_NOTICE;
        };
    }

    private PodAnswer call(Action.Ask ask, int attempts) {
        var endpoint = new Endpoint(ask.podIp(), Endpoint.PORT, ask.incarnation());
        return switch (ask.question()) {
            case PodQuestion.Run run ->
                answer(client.hook(endpoint, run.hook(), hookLimit), PodAnswer.Ran::new, attempts);
            case PodQuestion.Look _ -> answer(client.report(endpoint), PodAnswer.Seen::new, attempts);
            case PodQuestion.Tell tell -> tell(endpoint, Optional.of(tell.stop()), attempts);
            case PodQuestion.CallOff _ -> tell(endpoint, Optional.empty(), attempts);
        };
    }

    private PodAnswer tell(Endpoint endpoint, Optional<Notice.Stop> stop, int attempts) {
        return answer(client.notice(endpoint, new Notice(stop)), _ -> new PodAnswer.Told(), attempts);
    }

    private <T> PodAnswer answer(Reply<T> reply, Function<T, PodAnswer> good, int attempts) {
        return switch (reply) {
            case Reply.Answer<T> a -> good.apply(a.value());
            case Reply.Unreachable<T> u -> new PodAnswer.Failed(u.why(), attempts, clock.instant());
            case Reply.Refused<T> r ->
                new PodAnswer.Failed("refused (" + r.status() + "): " + r.message(), attempts, clock.instant());
            case Reply.Misbehaved<T> m -> new PodAnswer.Failed(m.why(), attempts, clock.instant());
        };
    }
}
