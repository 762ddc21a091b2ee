package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import io.agenttier.controller.plan.Action;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Secrets made for a pod that the API server then refused: they certainly had no pod, so the next attempt goes on with them instead of making
 * everything anew. One a sandbox; known to this process only, after a restart such an incarnation is given up.
 */
final class Prepared {
    /** Forgetting costs a new incarnation, nothing else. */
    private static final int ENTRIES_MAX = 10_000;

    private final ConcurrentMap<String, Action.CreateSecret> byUid = new ConcurrentHashMap<>();

    void keep(Sandbox sandbox, Action.CreateSecret secret) {
        if (byUid.size() >= ENTRIES_MAX) {
            byUid.clear();
        }
        byUid.put(sandbox.metadata().uid(), secret);
    }

    void forget(Sandbox sandbox) {
        byUid.remove(sandbox.metadata().uid());
    }

    /** Whether the Secret of the sandbox's present incarnation is one of these. */
    boolean has(Sandbox sandbox) {
        var secret = byUid.get(sandbox.metadata().uid());
        return secret != null
                && secret.incarnation().equals(sandbox.statusOrEmpty().incarnation());
    }

    /** Whether the Secret that exists is exactly the wanted one. If it is not, it is no longer one of these. */
    boolean serves(Sandbox sandbox, Action.CreateSecret wanted) {
        if (wanted.equals(byUid.get(sandbox.metadata().uid()))) {
            return true;
        }
        forget(sandbox);
        return false;
    }
}
