package io.agenttier.apiserver.kube;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * Reads that callers at the same time share. A caller takes part only in a read that began after he came, so nobody gets an answer older
 * than his question; at most one read a key is under way.
 *
 * @param <K> what is read
 * @param <V> the answer
 */
final class FreshReads<K, V> {
    private final Function<K, V> read;
    private final ConcurrentMap<K, FutureTask<V>> underWay = new ConcurrentHashMap<>();

    FreshReads(Function<K, V> read) {
        this.read = read;
    }

    /** Throws what the read throws. */
    V get(K key) {
        var earlier = underWay.get(key);
        if (earlier != null) {
            awaitEnd(earlier);
        }
        var mine = new FutureTask<V>(() -> read.apply(key));
        while (true) {
            var present = underWay.putIfAbsent(key, mine);
            if (present == null) {
                try {
                    mine.run();
                } finally {
                    underWay.remove(key, mine);
                }
                return result(mine);
            }
            if (present.isDone()) {
                // Perhaps the earlier one, which whoever runs it is about to take away.
                underWay.remove(key, present);
                continue;
            }
            return result(present);
        }
    }

    private static void awaitEnd(FutureTask<?> task) {
        try {
            task.get();
        } catch (ExecutionException e) {
            // Its callers get the failure; we ask anew.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a sandbox was read", e);
        }
    }

    private static <V> V result(FutureTask<V> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException("a sandbox could not be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a sandbox was read", e);
        }
    }
}
