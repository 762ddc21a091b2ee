package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.function.Predicate;

/** What to make of an object that already has the name of one we wanted to create. */
public enum Adoption {
    /** It is ours, from an earlier attempt: go on with it. */
    ADOPT,
    /** It is going away: wait for that. */
    WAIT,
    /** It belongs to somebody else. */
    CONFLICT;

    /**
     * @param incarnation the one the object must carry; empty for objects that are kept over stop and resume
     * @param ownerLives whether a Sandbox of this namespace with that uid exists
     */
    public static Adoption of(V1ObjectMeta found, Sandbox sandbox, String incarnation, Predicate<String> ownerLives) {
        if (Owned.isTerminating(found)) {
            return WAIT;
        }
        if (Owned.by(sandbox, found)) {
            return incarnation.isEmpty() || incarnation.equals(Owned.label(found, Labels.INCARNATION)) ? ADOPT : WAIT;
        }
        var owner = Owned.controllerOf(found);
        var orphaned = owner.isPresent()
                && owner.get().getKind().equals(Sandbox.KIND)
                && !ownerLives.test(owner.get().getUid());
        return orphaned ? WAIT : CONFLICT;
    }
}
