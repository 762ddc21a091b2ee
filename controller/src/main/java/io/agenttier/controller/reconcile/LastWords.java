package io.agenttier.controller.reconcile;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.EventSink;
import io.agenttier.controller.plan.LastHook;
import io.kubernetes.client.openapi.models.V1Pod;

/** Tells how the hook onStop of a pod ended whose sandbox is gone already, so that no status can tell it. */
final class LastWords {
    private static final int REMEMBERED_MAX = 4096;

    private final Caches caches;
    private final EventSink events;
    private final Cache<String, Boolean> told =
            Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).build();

    LastWords(Caches caches, EventSink events) {
        this.caches = caches;
        this.events = events;
    }

    /** Registers the handler; once, before the caches start. */
    void register() {
        caches.pods().onChange(this::pod);
    }

    private void pod(V1Pod pod) {
        LastHook.of(pod).ifPresent(last -> {
            var sandbox = last.sandbox().metadata();
            var present = caches.sandboxes().get(sandbox.namespace(), sandbox.name());
            var isGone = present == null
                    || !sandbox.uid().equals(present.getMetadata().getUid());
            if (isGone && told.asMap().putIfAbsent(last.podUid(), true) == null) {
                events.add(last.sandbox(), last.note());
            }
        });
    }
}
