package io.agenttier.apiserver.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Answers of Kubernetes, remembered for 10 s. One question a key is under way at a time, shared by all who ask meanwhile; failures are not
 * remembered.
 *
 * @param <K> the question
 * @param <V> the answer
 */
final class SharedReview<K, V> {
    private static final int MOST_ANSWERS = 8192;
    private static final Duration MEMORY = Duration.ofSeconds(10);

    /** Asks Kubernetes. */
    interface Question<V> {
        V ask() throws IOException;
    }

    private sealed interface Outcome<V> {
        record Answered<V>(V value) implements Outcome<V> {}

        record Failed<V>(IOException cause) implements Outcome<V> {}
    }

    private final Duration limit;
    // a question runs on a thread of its own, so that one asker who goes away does not end it for the others
    private final AsyncCache<K, Outcome<V>> answers = Caffeine.newBuilder()
            .maximumSize(MOST_ANSWERS)
            .expireAfterWrite(MEMORY)
            .executor(task -> Thread.ofVirtual().name("review").start(task))
            .buildAsync();

    /** @param limit longest wait of an asker */
    SharedReview(Duration limit) {
        this.limit = limit;
    }

    /** @throws IOException if the question failed or took longer than the limit */
    V get(K key, Question<V> question) throws IOException {
        var answer =
                answers.get(key, (_, executor) -> CompletableFuture.supplyAsync(() -> outcome(question), executor));
        return switch (await(answer)) {
            case Outcome.Answered<V>(V value) -> value;
            case Outcome.Failed<V>(IOException cause) -> {
                answers.asMap().remove(key, answer);
                throw new IOException(cause.getMessage(), cause);
            }
        };
    }

    private Outcome<V> await(CompletableFuture<Outcome<V>> answer) throws IOException {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer from kube-apiserver within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while kube-apiserver was asked");
        }
    }

    private static <V> Outcome<V> outcome(Question<V> question) {
        try {
            return new Outcome.Answered<>(question.ask());
        } catch (IOException e) {
            return new Outcome.Failed<>(e);
        }
    }
}
