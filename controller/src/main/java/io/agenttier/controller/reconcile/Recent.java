package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.controller.plan.ResourceKind;
import io.kubernetes.client.common.KubernetesObject;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What this process wrote a moment ago and the caches may not show yet, so that a lagging cache is never a reason to write again. An entry
 * ends when the cache tells anything about the object, or after a time limit.
 */
public final class Recent {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int ENTRIES_MAX = 20_000;

    private final InstantSource clock;
    private final ConcurrentMap<ObjectKey, Entry<KubernetesObject>> objects = new ConcurrentHashMap<>();
    private final ConcurrentMap<Key, Entry<Sandbox>> sandboxes = new ConcurrentHashMap<>();

    private record ObjectKey(ResourceKind kind, String namespace, String name) {}

    private record Entry<T>(T value, Instant until) {}

    public Recent(InstantSource clock) {
        this.clock = clock;
    }

    void created(ResourceKind kind, String namespace, String name, KubernetesObject object) {
        expire();
        objects.put(new ObjectKey(kind, namespace, name), entry(object));
    }

    /** The cache told something about the object: from now on it is the better source. */
    public void seen(ResourceKind kind, String namespace, String name) {
        objects.remove(new ObjectKey(kind, namespace, name));
    }

    <T extends KubernetesObject> Optional<T> object(ResourceKind kind, String namespace, String name, Class<T> type) {
        var entry = objects.get(new ObjectKey(kind, namespace, name));
        return entry == null || isOver(entry) ? Optional.empty() : Optional.of(type.cast(entry.value()));
    }

    void written(Sandbox sandbox) {
        expire();
        sandboxes.put(key(sandbox), entry(sandbox));
    }

    /** The newer of the cached sandbox and the one written last. Versions of one object grow as numbers do. */
    Sandbox newest(Sandbox cached) {
        var entry = sandboxes.get(key(cached));
        if (entry == null || isOver(entry) || !isNewer(entry.value(), cached)) {
            sandboxes.remove(key(cached));
            return cached;
        }
        return entry.value();
    }

    private static boolean isNewer(Sandbox written, Sandbox cached) {
        var a = written.metadata().resourceVersion();
        var b = cached.metadata().resourceVersion();
        return written.metadata().uid().equals(cached.metadata().uid())
                && a.matches("[0-9]+")
                && b.matches("[0-9]+")
                && new BigInteger(a).compareTo(new BigInteger(b)) > 0;
    }

    private static Key key(Sandbox sandbox) {
        return new Key(sandbox.metadata().namespace(), sandbox.metadata().name());
    }

    private <T> Entry<T> entry(T value) {
        return new Entry<>(value, clock.instant().plus(LIMIT));
    }

    private boolean isOver(Entry<?> entry) {
        return clock.instant().isAfter(entry.until());
    }

    private void expire() {
        if (objects.size() + sandboxes.size() > ENTRIES_MAX) {
            objects.values().removeIf(this::isOver);
            sandboxes.values().removeIf(this::isOver);
        }
    }
}
