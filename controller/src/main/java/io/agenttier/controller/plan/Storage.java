package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.EffectiveSpec;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;

/** The workspace volume of a sandbox as it stands. */
sealed interface Storage {
    /** The workspace is part of the pod. */
    record Ephemeral() implements Storage {}

    /** No claim yet; the sandbox never had one. */
    record Absent() implements Storage {}

    /** Its own claim. */
    record Present(V1PersistentVolumeClaim claim) implements Storage {}

    /** An older claim of that name is going away. */
    record Ending() implements Storage {}

    /** No start: the claim is another's, or the sandbox's own is gone and an empty one would hide that. */
    record Unusable(String reason, String message) implements Storage {}

    static Storage of(World world, EffectiveSpec effective) {
        if (effective.ephemeral()) {
            return new Ephemeral();
        }
        var name = Names.pvcName(world.sandbox().metadata().name());
        var claim = world.claim();
        if (claim == null || claim.getMetadata() == null) {
            return world.sandbox().statusOrEmpty().pvcName() == null || mayBeginAnew(world.sandbox())
                    ? new Absent()
                    : new Unusable(Reasons.VOLUME_LOST, lost(name));
        }
        if (!Owned.by(world.sandbox(), claim.getMetadata())) {
            return Owned.isTerminating(claim.getMetadata())
                    ? new Ending()
                    : new Unusable(
                            Reasons.CONFLICT,
                            Obstacle.foreign(ResourceKind.VOLUME_CLAIM, name).message());
        }
        if (Owned.isTerminating(claim.getMetadata())) {
            return new Ending();
        }
        if (claim.getStatus() != null && "Lost".equals(claim.getStatus().getPhase())) {
            return new Unusable(Reasons.VOLUME_LOST, "the volume of claim \"" + name + "\" is gone with all its data");
        }
        return new Present(claim);
    }

    /** A resume that is still to begin said that it may start on an empty volume. */
    private static boolean mayBeginAnew(Sandbox sandbox) {
        var requested = sandbox.spec().startRequestedAt();
        var status = sandbox.statusOrEmpty();
        return requested != null
                && requested
                        .toInstant()
                        .toString()
                        .equals(sandbox.metadata().annotations().get(Labels.NEW_VOLUME))
                && Run.isOver(status)
                && status.stopped() != null
                && Phase.startRequestedAfter(status.stopped(), requested);
    }

    static String lost(String claim) {
        return "volume claim \"" + claim
                + "\" is gone with all its data: resume with newVolume: true begins on an empty volume, delete ends the sandbox";
    }

    /** Writes condition StorageReady and the claim's name. */
    default void show(Draft draft) {
        switch (this) {
            case Ephemeral _ ->
                draft.holds(Conditions.STORAGE_READY, Reasons.EPHEMERAL, "the workspace ends with the pod");
            case Absent _ -> draft.fails(Conditions.STORAGE_READY, Reasons.PROVISIONING, "the volume claim is made");
            case Ending _ ->
                draft.fails(
                        Conditions.STORAGE_READY, Reasons.PROVISIONING, "an older claim of that name is being deleted");
            case Unusable u -> draft.fails(Conditions.STORAGE_READY, u.reason(), u.message());
            case Present p -> showClaim(draft, p.claim());
        }
    }

    private static void showClaim(Draft draft, V1PersistentVolumeClaim claim) {
        draft.fields()
                .pvcName(
                        claim.getMetadata() == null ? null : claim.getMetadata().getName());
        var status = claim.getStatus();
        if (status == null || !"Bound".equals(status.getPhase())) {
            draft.fails(Conditions.STORAGE_READY, Reasons.PROVISIONING, "the volume claim is not bound yet");
            return;
        }
        draft.holds(Conditions.STORAGE_READY, Reasons.BOUND, "the volume claim is bound");
    }
}
