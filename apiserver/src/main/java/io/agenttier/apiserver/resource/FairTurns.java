package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Places for what costs much in little time. When all are taken, users are let in by turns, each user's calls in the order in which they came:
 * whoever calls much waits for himself, and whoever calls little for one call of each other user at most. What takes longer than it should
 * waits for somebody else, such as a pod that does not answer, and costs nothing meanwhile: its place is given away.
 */
final class FairTurns {
    /** Some ten times what a start takes on a busy machine. */
    private static final Duration LONGEST = Duration.ofMillis(100);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final int places;
    private final Duration longest;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    /** The longest taken first. */
    private final SequencedSet<Turn> taken = new LinkedHashSet<>();
    /** By user name; the next place is for the first. */
    private final SequencedMap<String, Deque<Waiter>> waiting = new LinkedHashMap<>();

    FairTurns(int places) {
        this(places, LONGEST, PATIENCE);
    }

    /**
     * @param longest how long one keeps a place
     * @param patience how long a call waits before it is refused
     */
    FairTurns(int places, Duration longest, Duration patience) {
        this.places = places;
        this.longest = longest;
        this.patience = patience;
    }

    /** A place; closing it gives it to the next. */
    final class Turn implements AutoCloseable {
        private final long end = System.nanoTime() + longest.toNanos();

        @Override
        public void close() {
            lock.lock();
            try {
                if (taken.remove(this)) {
                    admit();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static final class Waiter {
        final Condition changed;

        @Nullable
        Turn turn;

        Waiter(Condition changed) {
            this.changed = changed;
        }
    }

    /**
     * Waits for a place.
     *
     * @throws ApiException 429 none came in time; nothing has begun
     */
    Turn take(String user) throws InterruptedIOException {
        lock.lock();
        try {
            takeBack();
            return taken.size() < places ? turn() : await(user);
        } finally {
            lock.unlock();
        }
    }

    /** Calls that wait. */
    int waiting() {
        lock.lock();
        try {
            return waiting.values().stream().mapToInt(Deque::size).sum();
        } finally {
            lock.unlock();
        }
    }

    private Turn turn() {
        var turn = new Turn();
        taken.add(turn);
        return turn;
    }

    private Turn await(String user) throws InterruptedIOException {
        var waiter = new Waiter(lock.newCondition());
        waiting.computeIfAbsent(user, _ -> new ArrayDeque<>()).add(waiter);
        var left = patience.toNanos();
        var last = System.nanoTime() + left;
        try {
            while (waiter.turn == null) {
                if (left <= 0) {
                    forget(user, waiter);
                    throw busy(user);
                }
                // while anybody waits, all places are taken
                var _ = waiter.changed.awaitNanos(Math.min(left, taken.getFirst().end - System.nanoTime()));
                takeBack();
                left = last - System.nanoTime();
            }
            return waiter.turn;
        } catch (InterruptedException e) {
            if (waiter.turn == null) {
                forget(user, waiter);
            } else {
                waiter.turn.close();
            }
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited for its turn");
        }
    }

    private ApiException busy(String user) {
        return new ApiException(new ApiError.TooManyRequests(
                "%d processes are being started, which is the limit, and the turn of user \"%s\" did not come within %d s; try again later"
                        .formatted(places, user, patience.toSeconds()),
                Duration.ofSeconds(1)));
    }

    private void forget(String user, Waiter waiter) {
        waiting.computeIfPresent(user, (_, waiters) -> {
            waiters.remove(waiter);
            return waiters.isEmpty() ? null : waiters;
        });
    }

    private void takeBack() {
        var now = System.nanoTime();
        while (!taken.isEmpty() && taken.getFirst().end - now <= 0) {
            taken.removeFirst();
            admit();
        }
    }

    private void admit() {
        var next = waiting.pollFirstEntry();
        if (next == null) {
            return;
        }
        var waiters = next.getValue();
        var waiter = waiters.remove();
        if (!waiters.isEmpty()) {
            waiting.putLast(next.getKey(), waiters);
        }
        waiter.turn = turn();
        waiter.changed.signal();
    }
}
