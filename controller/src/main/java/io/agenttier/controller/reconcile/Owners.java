package io.agenttier.controller.reconcile;

import io.agenttier.controller.kube.Caches;
import java.util.function.Predicate;

/** Which uids are those of present sandboxes. Asked only when an object of another owner is in the way. */
record Owners(Caches caches) implements Predicate<String> {
    @Override
    public boolean test(String uid) {
        return caches.sandboxes().all().stream()
                .anyMatch(s -> uid.equals(s.getMetadata().getUid()));
    }
}
