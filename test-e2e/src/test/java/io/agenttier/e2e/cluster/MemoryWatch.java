package io.agenttier.e2e.cluster;

import io.agenttier.e2e.cluster.Programs.Memory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The most memory that each replica of the apiserver was seen with, looked at every few seconds until closed. */
public final class MemoryWatch implements AutoCloseable {
    private static final long EVERY_SECONDS = 5;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> looking;
    private final Map<String, Memory> most = new TreeMap<>();

    public MemoryWatch(Cluster cluster) {
        look(cluster);
        looking = clock.scheduleWithFixedDelay(() -> look(cluster), EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /** By name of the pod. Heaps count what is not yet collected. */
    public synchronized Map<String, Memory> most() {
        return Map.copyOf(most);
    }

    private void look(Cluster cluster) {
        for (var now : Programs.apiserverMemory(cluster)) note(now);
    }

    private synchronized void note(Memory now) {
        most.merge(
                now.pod(),
                now,
                (a, b) -> new Memory(a.pod(), Math.max(a.resident(), b.resident()), Math.max(a.heap(), b.heap())));
    }

    /** Fails if a look did. */
    @Override
    public void close() {
        looking.cancel(false);
        clock.close();
        if (looking.state() == Future.State.FAILED) throw new IllegalStateException(looking.exceptionNow());
    }
}
