package io.agenttier.controller.plan;

import io.agenttier.api.merge.EffectiveSpec;
import java.util.List;

/** A claim that asks for less than its sandbox does now has to grow; whether the class can is the class's affair. */
final class Growth {
    private Growth() {}

    static List<Action> of(Storage storage, EffectiveSpec effective) {
        if (!(storage instanceof Storage.Present present) || !DesiredClaim.isSmaller(present.claim(), effective)) {
            return List.of();
        }
        var metadata = present.claim().getMetadata();
        var bound = present.claim().getStatus() != null
                && "Bound".equals(present.claim().getStatus().getPhase());
        if (!bound || metadata == null || metadata.getName() == null || metadata.getResourceVersion() == null) {
            return List.of();
        }
        return List.of(
                new Action.GrowClaim(metadata.getName(), metadata.getResourceVersion(), effective.storageSize()));
    }
}
