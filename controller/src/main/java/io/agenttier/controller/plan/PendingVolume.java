package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Names;
import io.agenttier.api.Reasons;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimSpec;
import java.util.Optional;

/** What a pod that waits for its volume waits for. The scheduler says of a volume only that there is one. */
final class PendingVolume {
    private PendingVolume() {}

    /** Writes into StorageReady which class is to make the volume, while there is none. */
    static void show(World world, Draft draft) {
        own(world)
                .filter(claim -> claim.getStatus() == null
                        || !"Bound".equals(claim.getStatus().getPhase()))
                .ifPresent(claim -> draft.fails(Conditions.STORAGE_READY, Reasons.PROVISIONING, waiting(claim)));
    }

    /** {@code message} of a pod that no node takes, and the volume that keeps it to a node. */
    static String named(World world, String reason, String message) {
        if (!reason.equals(Reasons.UNSCHEDULABLE) || !message.contains("node affinity")) {
            return message;
        }
        return own(world)
                .map(V1PersistentVolumeClaim::getSpec)
                .map(V1PersistentVolumeClaimSpec::getVolumeName)
                .map(volume -> "%s; volume \"%s\" of claim \"%s\" may be usable on certain nodes only"
                        .formatted(
                                message,
                                volume,
                                Names.pvcName(world.sandbox().metadata().name())))
                .orElse(message);
    }

    private static Optional<V1PersistentVolumeClaim> own(World world) {
        return Optional.ofNullable(world.claim()).filter(claim -> Owned.by(world.sandbox(), claim.getMetadata()));
    }

    private static String waiting(V1PersistentVolumeClaim claim) {
        var name = claim.getSpec() == null ? null : claim.getSpec().getStorageClassName();
        return name == null || name.isEmpty()
                ? "the volume claim waits for a volume, and the cluster has no default StorageClass for it"
                : "the volume claim waits for a volume of StorageClass \"%s\"".formatted(name);
    }
}
