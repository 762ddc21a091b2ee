package io.agenttier.controller.reconcile;

import io.agenttier.controller.plan.ServiceName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which sandboxes name which Services, existing or not, so that a change of one concerns those alone. */
final class ServiceUses {
    private final Map<ServiceName, Set<Key>> users = new HashMap<>();
    private final Map<Key, Set<ServiceName>> used = new HashMap<>();

    /** To be told before the Services are looked up: what changes in between wakes the sandbox again. */
    synchronized void of(Key sandbox, Set<ServiceName> services) {
        var before = services.isEmpty() ? used.remove(sandbox) : used.put(sandbox, services);
        if (services.equals(before)) {
            return;
        }
        if (before != null) {
            for (var service : before) {
                users.computeIfPresent(
                        service, (_, sandboxes) -> sandboxes.remove(sandbox) && sandboxes.isEmpty() ? null : sandboxes);
            }
        }
        services.forEach(
                service -> users.computeIfAbsent(service, _ -> new HashSet<>()).add(sandbox));
    }

    synchronized Set<Key> usersOf(ServiceName service) {
        return Set.copyOf(users.getOrDefault(service, Set.of()));
    }
}
