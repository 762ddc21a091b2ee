package io.agenttier.apiserver.admission;

import io.agenttier.apiserver.auth.AccessReviewer;
import io.agenttier.apiserver.auth.Attributes;
import io.agenttier.apiserver.auth.User;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks Kubernetes which of several rights a user has: each right once, always anew, a bounded number at a time over all callers. An answer
 * that does not come in time refuses the whole.
 */
final class Rights {
    /** Reviews under way at once. Each takes about 1 ms of kube-apiserver. */
    private static final int AT_ONCE = 32;

    /** kube-apiserver waits 10 s for us. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private final AccessReviewer reviewer;
    private final Duration limit;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    Rights(AccessReviewer reviewer) {
        this(reviewer, LIMIT);
    }

    Rights(AccessReviewer reviewer, Duration limit) {
        this.reviewer = reviewer;
        this.limit = limit;
    }

    /**
     * The demands that are not met, in their order.
     *
     * @throws ApiException 503 if one could not be judged
     */
    List<Demand> missing(User user, Collection<Demand> demands) {
        var questions = new LinkedHashMap<Attributes.Resource, FutureTask<Boolean>>();
        for (var demand : demands) {
            questions.computeIfAbsent(demand.right(), right -> new FutureTask<>(() -> ask(user, right)));
        }
        questions.values().forEach(question -> Thread.ofVirtual().name("review").start(question));
        try {
            var allowed = answers(questions);
            return demands.stream()
                    .filter(demand -> !allowed.getOrDefault(demand.right(), false))
                    .toList();
        } finally {
            questions.values().forEach(question -> question.cancel(true));
        }
    }

    private boolean ask(User user, Attributes.Resource right) throws IOException, InterruptedException {
        places.acquire();
        try {
            return reviewer.review(user, right).allowed();
        } finally {
            places.release();
        }
    }

    private Map<Attributes.Resource, Boolean> answers(Map<Attributes.Resource, FutureTask<Boolean>> questions) {
        var answers = new LinkedHashMap<Attributes.Resource, Boolean>();
        long end = System.nanoTime() + limit.toNanos();
        for (var question : questions.entrySet()) {
            answers.put(question.getKey(), answer(question.getValue(), end - System.nanoTime()));
        }
        return answers;
    }

    private boolean answer(FutureTask<Boolean> question, long nanos) {
        try {
            return question.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unavailable(
                    e.getCause() == null
                            ? "no answer"
                            : String.valueOf(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            throw unavailable("no answer within " + limit.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("interrupted");
        }
    }

    private static ApiException unavailable(String cause) {
        return new ApiException(new ApiError.Unavailable(
                "the rights to what is named could not be checked, so nothing was changed: %s; try again"
                        .formatted(cause)));
    }
}
