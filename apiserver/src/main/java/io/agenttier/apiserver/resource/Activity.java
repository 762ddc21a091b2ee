package io.agenttier.apiserver.resource;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes that sandboxes are used, so that they do not stop as idle: at most once in a minute or a tenth of the idle timeout, whichever is longer,
 * judged by what all replicas see. It never holds a call up; a write that fails is made up for by the next use.
 */
public final class Activity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Activity.class);
    private static final Duration LEAST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration TICK = Duration.ofSeconds(15);
    private static final int WRITES_MAX = 32;

    /** Forgetting costs a write more. */
    private static final int REMEMBERED_MAX = 10_000;

    private final Sandboxes sandboxes;
    private final ActivityWriter writer;
    private final InstantSource clock;
    /** By uid: writes that the cache may not show yet. */
    private final ConcurrentMap<String, Instant> written = new ConcurrentHashMap<>();

    private final Set<Lasting> lasting = ConcurrentHashMap.newKeySet();
    private final Semaphore writes = new Semaphore(WRITES_MAX);
    private final CountDownLatch closed = new CountDownLatch(1);

    private record Name(String namespace, String name) {}

    /** Use that lasts until it is closed. */
    final class Lasting implements AutoCloseable {
        private final Name name;

        private Lasting(Name name) {
            this.name = name;
        }

        @Override
        public void close() {
            if (lasting.remove(this)) {
                used(name);
            }
        }
    }

    public Activity(Sandboxes sandboxes, ActivityWriter writer, InstantSource clock) {
        this.sandboxes = sandboxes;
        this.writer = writer;
        this.clock = clock;
        Thread.ofVirtual().name("activity").start(this::tick);
    }

    /** A call was served now. Does not block. */
    void used(String namespace, String name) {
        used(new Name(namespace, name));
    }

    /** A client stays attached until what is returned is closed. */
    Lasting lasts(String namespace, String name) {
        var use = new Lasting(new Name(namespace, name));
        lasting.add(use);
        return use;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /** Whether use at {@code now} is to be written. Pure. */
    static boolean isDue(Lifecycle lifecycle, @Nullable Instant written, Instant now) {
        if (lifecycle.idleTimeout() == null) {
            return false;
        }
        var tenth = lifecycle.idleTimeout().dividedBy(10);
        var interval = tenth.compareTo(LEAST_INTERVAL) > 0 ? tenth : LEAST_INTERVAL;
        return isOver(lifecycle.lastActivity(), interval, now) && isOver(written, interval, now);
    }

    private static boolean isOver(@Nullable Instant last, Duration interval, Instant now) {
        return last == null || !now.isBefore(last.plus(interval));
    }

    private void tick() {
        try {
            while (!closed.await(TICK.toSeconds(), TimeUnit.SECONDS)) {
                lasting.stream().map(l -> l.name).collect(Collectors.toSet()).forEach(this::used);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void used(Name name) {
        var now = clock.instant();
        sandboxes
                .cached(name.namespace(), name.name())
                .filter(state -> isDue(state.lifecycle(), written.get(state.uid()), now))
                .ifPresent(state -> note(state, now));
    }

    private void note(SandboxState state, Instant now) {
        if (!writes.tryAcquire()) {
            return;
        }
        if (written.size() >= REMEMBERED_MAX) {
            written.clear();
        }
        written.put(state.uid(), now);
        Thread.ofVirtual().name("activity-write").start(() -> {
            try {
                writer.write(state, now);
            } catch (IOException | RuntimeException e) {
                written.remove(state.uid(), now);
                LOG.atDebug()
                        .addKeyValue("namespace", state.namespace())
                        .addKeyValue("name", state.name())
                        .setCause(e)
                        .log("use was not written");
            } finally {
                writes.release();
            }
        });
    }
}
