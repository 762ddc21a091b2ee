package io.agenttier.apiserver.kube;

import io.agenttier.apiserver.resource.News;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Who waits for news of which sandbox. Holds nothing of sandboxes that nobody waits for. */
final class Bells {
    private final ConcurrentMap<Name, Set<Bell>> waiting = new ConcurrentHashMap<>();

    private record Name(String namespace, String name) {}

    private final class Bell implements News {
        private final Name name;
        private final Semaphore rung = new Semaphore(0);

        private Bell(Name name) {
            this.name = name;
        }

        @Override
        public void await(Duration atMost) throws InterruptedException {
            if (rung.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                rung.drainPermits();
            }
        }

        @Override
        public void close() {
            waiting.computeIfPresent(name, (_, bells) -> {
                bells.remove(this);
                return bells.isEmpty() ? null : bells;
            });
        }
    }

    News open(String namespace, String name) {
        var bell = new Bell(new Name(namespace, name));
        waiting.compute(bell.name, (_, bells) -> {
            var present = bells == null ? ConcurrentHashMap.<Bell>newKeySet() : bells;
            present.add(bell);
            return present;
        });
        return bell;
    }

    /** Something about the sandbox has changed. Does not block. */
    void ring(String namespace, String name) {
        var bells = waiting.get(new Name(namespace, name));
        if (bells != null) {
            bells.forEach(bell -> bell.rung.release());
        }
    }
}
