package io.agenttier.controller.reconcile;

import io.agenttier.api.Sandbox;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Secrets that this process made and has made no pod with yet. While another process believes to lead as well, it may end a start between the two:
 * then nobody else knows of the Secret.
 */
final class Unclaimed {
    /** Forgetting one leaves it until its sandbox is deleted. */
    private static final int ENTRIES_MAX = 10_000;

    private final ConcurrentMap<String, String> incarnationByUid = new ConcurrentHashMap<>();

    void made(Sandbox sandbox, String incarnation) {
        if (incarnationByUid.size() >= ENTRIES_MAX) {
            incarnationByUid.clear();
        }
        incarnationByUid.put(sandbox.metadata().uid(), incarnation);
    }

    /** A pod has it, or it is gone. */
    void settled(Sandbox sandbox) {
        incarnationByUid.remove(sandbox.metadata().uid());
    }

    /** Whether the one of the sandbox's present start is among these. */
    boolean isOfPresentStart(Sandbox sandbox) {
        var incarnation = incarnationByUid.get(sandbox.metadata().uid());
        return incarnation != null && incarnation.equals(sandbox.statusOrEmpty().incarnation());
    }

    /** The incarnation of one that belongs to no present start. */
    Optional<String> of(Sandbox sandbox) {
        return Optional.ofNullable(incarnationByUid.get(sandbox.metadata().uid()))
                .filter(incarnation ->
                        !incarnation.equals(sandbox.statusOrEmpty().incarnation()));
    }
}
