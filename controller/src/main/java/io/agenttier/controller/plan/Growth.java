package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Reasons;
import io.agenttier.api.merge.EffectiveSpec;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimCondition;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A claim that asks for less than its sandbox does now has to grow; whether it can is the affair of its class. One that cannot keeps its
 * size and its sandbox goes on with it: what was refused is told and tried again.
 */
final class Growth {
    private static final String STORAGE = "storage";

    private Growth() {}

    static List<Action> of(Storage storage, EffectiveSpec effective) {
        if (!(storage instanceof Storage.Present present)
                || !DesiredClaim.isSmaller(present.claim(), effective)
                || !isBound(present.claim())) {
            return List.of();
        }
        var metadata = present.claim().getMetadata();
        if (metadata == null || metadata.getName() == null || metadata.getResourceVersion() == null) {
            return List.of();
        }
        return List.of(
                new Action.GrowClaim(metadata.getName(), metadata.getResourceVersion(), effective.storageSize()));
    }

    /** Writes into StorageReady what is left to grow; false if nothing is. */
    static boolean show(World world, Storage storage, EffectiveSpec effective, Draft draft) {
        if (!(storage instanceof Storage.Present present) || !isBound(present.claim())) {
            return false;
        }
        var claim = present.claim();
        if (DesiredClaim.isSmaller(claim, effective)) {
            asked(world, "the volume does not grow to " + effective.storageSize() + ": ", draft);
        } else if (!isGrowing(claim)) {
            return false;
        } else {
            growing(claim, draft);
        }
        draft.fields()
                .pvcName(
                        claim.getMetadata() == null ? null : claim.getMetadata().getName());
        return true;
    }

    /** The claim could not be changed, or is about to be. What was refused once stays told until it is not refused any more. */
    private static void asked(World world, String refused, Draft draft) {
        var obstacle = world.obstacle();
        var told = Conditions.find(world.sandbox().statusOrEmpty().conditions(), Conditions.STORAGE_READY)
                .filter(c -> c.message().startsWith(refused));
        if (obstacle != null && obstacle.kind() == ResourceKind.VOLUME_CLAIM) {
            draft.fails(Conditions.STORAGE_READY, Reasons.PROVISIONING_FAILED, refused + obstacle.message());
        } else if (told.isEmpty()) {
            draft.fails(Conditions.STORAGE_READY, Reasons.EXPANDING, "the volume claim is to grow");
        }
    }

    private static void growing(V1PersistentVolumeClaim claim, Draft draft) {
        var conditions = conditions(claim);
        var failed = conditions.stream().anyMatch(c -> c.getType().endsWith("ResizeError"));
        var words = conditions.stream()
                .map(c ->
                        c.getType() + (c.getMessage() == null || c.getMessage().isEmpty() ? "" : " " + c.getMessage()))
                .collect(Collectors.joining(", "));
        draft.fails(
                Conditions.STORAGE_READY,
                failed ? Reasons.PROVISIONING_FAILED : Reasons.EXPANDING,
                "the volume has %s and is to have %s%s"
                        .formatted(
                                text(has(claim)),
                                text(asks(claim)),
                                words.isEmpty() ? "" : "; the claim says " + words));
    }

    private static boolean isGrowing(V1PersistentVolumeClaim claim) {
        var has = has(claim);
        var asks = asks(claim);
        return has != null && asks != null && has.getNumber().compareTo(asks.getNumber()) < 0;
    }

    private static List<V1PersistentVolumeClaimCondition> conditions(V1PersistentVolumeClaim claim) {
        return claim.getStatus() == null || claim.getStatus().getConditions() == null
                ? List.of()
                : claim.getStatus().getConditions().stream()
                        .filter(c -> "True".equals(c.getStatus()) && c.getType().contains("Resiz"))
                        .toList();
    }

    private static boolean isBound(V1PersistentVolumeClaim claim) {
        return claim.getStatus() != null && "Bound".equals(claim.getStatus().getPhase());
    }

    private static @Nullable Quantity has(V1PersistentVolumeClaim claim) {
        return claim.getStatus() == null ? null : storage(claim.getStatus().getCapacity());
    }

    private static @Nullable Quantity asks(V1PersistentVolumeClaim claim) {
        return claim.getSpec() == null || claim.getSpec().getResources() == null
                ? null
                : storage(claim.getSpec().getResources().getRequests());
    }

    private static @Nullable Quantity storage(@Nullable Map<String, Quantity> resources) {
        return resources == null ? null : resources.get(STORAGE);
    }

    private static String text(@Nullable Quantity quantity) {
        return quantity == null ? "none" : quantity.toSuffixedString();
    }
}
