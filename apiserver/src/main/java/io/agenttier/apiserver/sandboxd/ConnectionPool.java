package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * Connections by pod: the most recently used one first, a bound on open and on resting ones. {@link #sweep}, called about once a second,
 * cuts what is overdue and closes what has rested too long. Blocking work is done outside the lock.
 */
final class ConnectionPool {
    /** Below the time after which sandboxd closes an idle connection, so that a request never races with that close. */
    private static final Duration REST = Duration.ofSeconds(45);

    private static final int RESTING_PER_POD = 32;
    private static final int RESTING = 2_000;

    private static final class Slot {
        final Deque<Connection> resting = new ArrayDeque<>();
        int open;
    }

    private final PodBound bound;
    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Endpoint, Slot> slots = new HashMap<>();
    private final Set<Connection> all = new HashSet<>();
    private int resting;
    private boolean closed;

    /** @param clock nanoseconds since some moment before */
    ConnectionPool(PodBound bound, LongSupplier clock) {
        this.bound = bound;
        this.clock = clock;
    }

    /** A resting connection that still seems alive, else a new one. */
    Connection acquire(Endpoint endpoint, SSLSocketFactory factory) throws IOException {
        while (true) {
            var candidate = takeResting(endpoint);
            if (candidate.isEmpty()) {
                return open(endpoint, factory);
            }
            if (candidate.get().wake()) {
                return candidate.get();
            }
            discard(candidate.get());
        }
    }

    /**
     * A new connection.
     *
     * @throws BusyException the pod has as many as it may have
     * @throws UnreachableException it does not answer, or is not the daemon of that incarnation
     */
    Connection open(Endpoint endpoint, SSLSocketFactory factory) throws IOException {
        var connection = new Connection(endpoint, clock);
        register(connection);
        try {
            connection.open(factory);
            connection.withoutDeadline();
            return connection;
        } catch (IOException | RuntimeException e) {
            boolean overdue = connection.isOverdue();
            discard(connection);
            throw new UnreachableException(overdue ? "the TLS handshake took too long" : why(e), true, e);
        }
    }

    /** Puts a connection to rest whose answer was read to its end. */
    void release(Connection connection) {
        try {
            connection.rest();
        } catch (IOException e) {
            discard(connection);
            return;
        }
        lock.lock();
        try {
            var slot = slots.get(connection.endpoint());
            if (!closed && slot != null && slot.resting.size() < RESTING_PER_POD && resting < RESTING) {
                slot.resting.push(connection);
                resting++;
                return;
            }
        } finally {
            lock.unlock();
        }
        forget(connection);
        connection.close();
    }

    /** Cuts a connection. Twice is the same as once. */
    void discard(Connection connection) {
        forget(connection);
        connection.abort();
    }

    void sweep() {
        var overdue = new ArrayList<Connection>();
        var rested = new ArrayList<Connection>();
        lock.lock();
        try {
            for (var connection : all) {
                if (connection.isOverdue()) {
                    overdue.add(connection);
                } else if (connection.isIdleFor(REST) && unrest(connection)) {
                    rested.add(connection);
                }
            }
        } finally {
            lock.unlock();
        }
        // The thread that uses an overdue one sees its read or write fail and discards it.
        overdue.forEach(Connection::abort);
        for (var connection : rested) {
            forget(connection);
            connection.close();
        }
    }

    /** Cuts everything; what is opened afterwards is not kept. */
    void close() {
        var open = new ArrayList<Connection>();
        lock.lock();
        try {
            closed = true;
            open.addAll(all);
        } finally {
            lock.unlock();
        }
        open.forEach(this::discard);
    }

    private void register(Connection connection) throws BusyException {
        lock.lock();
        try {
            var slot = slots.computeIfAbsent(connection.endpoint(), _ -> new Slot());
            if (slot.open >= bound.connections()) {
                bound.reached().run();
                throw new BusyException(bound.connections());
            }
            slot.open++;
            all.add(connection);
        } finally {
            lock.unlock();
        }
    }

    private Optional<Connection> takeResting(Endpoint endpoint) {
        lock.lock();
        try {
            var slot = slots.get(endpoint);
            if (slot == null || slot.resting.isEmpty()) {
                return Optional.empty();
            }
            resting--;
            return Optional.of(slot.resting.pop());
        } finally {
            lock.unlock();
        }
    }

    private boolean unrest(Connection connection) {
        var slot = slots.get(connection.endpoint());
        if (slot != null && slot.resting.remove(connection)) {
            resting--;
            return true;
        }
        return false;
    }

    private void forget(Connection connection) {
        lock.lock();
        try {
            if (!all.remove(connection)) {
                return;
            }
            unrest(connection);
            var slot = slots.get(connection.endpoint());
            if (slot != null && --slot.open == 0) {
                slots.remove(connection.endpoint());
            }
        } finally {
            lock.unlock();
        }
    }

    private static String why(Exception e) {
        return switch (e) {
            case java.net.SocketTimeoutException _ -> "no connection within 5 s";
            case java.net.ConnectException _ -> "the connection was refused";
            case java.net.NoRouteToHostException _ -> "there is no route to the pod";
            case javax.net.ssl.SSLException _ -> "its certificate is not that of this incarnation";
            default -> "the connection failed";
        };
    }
}
