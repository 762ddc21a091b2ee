package io.agenttier.controller.kube;

import io.kubernetes.client.extended.workqueue.DefaultRateLimitingQueue;
import io.kubernetes.client.extended.workqueue.RateLimitingQueue;
import io.kubernetes.client.extended.workqueue.ratelimiter.ItemExponentialFailureRateLimiter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Keys that wait to be worked on. A key is in it once however often it is added, and is handed out again only after {@link #done}; so it holds
 * at most as many keys as there are objects.
 *
 * @param <K> the key
 */
public final class WorkQueue<K> implements AutoCloseable {
    private static final Duration FIRST_WAIT = Duration.ofMillis(50);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final RateLimitingQueue<K> queue;

    public WorkQueue(ExecutorService threads) {
        this.queue = new DefaultRateLimitingQueue<>(
                threads, new ItemExponentialFailureRateLimiter<>(FIRST_WAIT, LONGEST_WAIT));
    }

    public void add(K key) {
        queue.add(key);
    }

    public void addAfter(K key, Duration time) {
        queue.addAfter(key, time);
    }

    /** Adds after a wait that doubles with each time, from 50 ms to a minute, until {@link #forget}. */
    public void addRateLimited(K key) {
        queue.addRateLimited(key);
    }

    public void forget(K key) {
        queue.forget(key);
    }

    /** The next key; waits for one. Empty once the queue is closed and worked off. */
    public Optional<K> take() throws InterruptedException {
        return Optional.ofNullable(queue.get());
    }

    public void done(K key) {
        queue.done(key);
    }

    public int depth() {
        return queue.length();
    }

    @Override
    public void close() {
        queue.shutDown();
    }
}
