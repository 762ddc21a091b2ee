package io.agenttier.controller.reconcile;

import io.agenttier.controller.kube.NotLeading;
import io.agenttier.controller.kube.WorkQueue;
import io.agenttier.controller.telemetry.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works a queue off with a bounded number of virtual threads; one key is never worked on twice at the same time. */
public final class Workers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final WorkQueue<Key> queue;
    private final Function<Key, Outcome> work;
    private final Metrics metrics;
    private final InstantSource clock;
    private final List<Thread> threads = new ArrayList<>();

    public Workers(WorkQueue<Key> queue, Function<Key, Outcome> work, Metrics metrics, InstantSource clock) {
        this.queue = queue;
        this.work = work;
        this.metrics = metrics;
        this.clock = clock;
    }

    public void start(int count) {
        for (var i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().name("reconcile-" + i).start(this::run));
        }
    }

    /** Lets the keys under way finish, within a time limit. */
    @Override
    public void close() {
        queue.close();
        var deadline = clock.instant().plus(STOP_LIMIT);
        for (var thread : threads) {
            try {
                var left = Duration.between(clock.instant(), deadline);
                if (!thread.join(left.isPositive() ? left : Duration.ofMillis(1))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void run() {
        while (true) {
            try {
                var key = queue.take();
                if (key.isEmpty()) {
                    return;
                }
                work(key.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void work(Key key) {
        var began = clock.instant();
        try {
            switch (work.apply(key)) {
                case Outcome.Done _ -> queue.forget(key);
                case Outcome.Again a -> {
                    queue.forget(key);
                    queue.addAfter(key, a.in());
                }
                case Outcome.Retry r -> {
                    LOG.atDebug()
                            .addKeyValue("namespace", key.namespace())
                            .addKeyValue("name", key.name())
                            .addKeyValue("why", r.why())
                            .log("tries again");
                    queue.addRateLimited(key);
                }
            }
        } catch (NotLeading e) {
            queue.addRateLimited(key);
        } catch (RuntimeException e) {
            metrics.reconcileFailed();
            LOG.atError()
                    .addKeyValue("namespace", key.namespace())
                    .addKeyValue("name", key.name())
                    .setCause(e)
                    .log("reconciliation failed, tries again");
            queue.addRateLimited(key);
        } finally {
            queue.done(key);
            metrics.reconciled(Duration.between(began, clock.instant()));
        }
    }
}
