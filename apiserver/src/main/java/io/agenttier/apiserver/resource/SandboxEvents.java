package io.agenttier.apiserver.resource;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events for people about what is done in sandboxes ({@code spec} behaviour §20). They hold no call up: one thread writes them in their order,
 * and what comes while many wait, or beyond {@value #PER_MINUTE} of a sandbox, a family and a type in a minute, is dropped.
 */
public final class SandboxEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxEvents.class);
    static final int PER_MINUTE = 20;
    static final int WAITING_MAX = 256;
    /** Of these places none is for invocations, which may be many in many sandboxes. */
    static final int RESERVED = 64;

    private static final int REMEMBERED_MAX = 8192;

    private final Sandboxes sandboxes;
    private final EventWriter writer;
    private final InstantSource clock;
    private final BlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    /** Guarded by itself. */
    private final Map<Bound, Minute> minutes = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bound, Minute> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    private final Thread thread;

    private record Pending(SandboxState sandbox, EventType type, String reason, String message, Instant at) {}

    /** What is counted together; failures apart from what goes well, which may be much more. */
    private record Bound(String uid, EventFamily family, EventType type) {}

    private record Minute(Instant from, int events) {
        Minute next(Instant now) {
            return now.isBefore(from.plus(Duration.ofMinutes(1)))
                    ? new Minute(from, Math.min(events + 1, PER_MINUTE + 1))
                    : new Minute(now, 1);
        }
    }

    public SandboxEvents(Sandboxes sandboxes, EventWriter writer, InstantSource clock) {
        this.sandboxes = sandboxes;
        this.writer = writer;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("events").start(this::run);
    }

    /** Says that something happened now, to a sandbox that the cache knows. Does not block. */
    void add(String namespace, String name, String reason, String message) {
        add(namespace, name, EventType.NORMAL, reason, message);
    }

    /** As {@link #add(String, String, String, String)}, of either type. */
    void add(String namespace, String name, EventType type, String reason, String message) {
        var family = EventFamily.of(reason);
        sandboxes
                .cached(namespace, name)
                .filter(sandbox -> mayTell(new Bound(sandbox.uid(), family, type)))
                .ifPresent(sandbox -> {
                    if (!offer(family, new Pending(sandbox, type, reason, message, clock.instant()))) {
                        dropped(sandbox, reason, null);
                    }
                });
    }

    private boolean offer(EventFamily family, Pending event) {
        boolean isReserved = family == EventFamily.INVOCATION && waiting.remainingCapacity() <= RESERVED;
        return !isReserved && waiting.offer(event);
    }

    private boolean mayTell(Bound bound) {
        var now = clock.instant();
        synchronized (minutes) {
            var minute = minutes.merge(bound, new Minute(now, 1), (before, _) -> before.next(now));
            return minute.events() <= PER_MINUTE;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                write(waiting.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write(Pending event) {
        try {
            writer.write(event.sandbox(), event.type(), event.reason(), event.message(), event.at());
        } catch (IOException | RuntimeException e) {
            dropped(event.sandbox(), event.reason(), e);
        }
    }

    private static void dropped(SandboxState sandbox, String reason, @Nullable Exception cause) {
        LOG.atDebug()
                .addKeyValue("namespace", sandbox.namespace())
                .addKeyValue("name", sandbox.name())
                .addKeyValue("reason", reason)
                .setCause(cause)
                .log("an Event was not written");
    }
}
