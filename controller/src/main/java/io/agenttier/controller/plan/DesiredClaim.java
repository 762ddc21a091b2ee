package io.agenttier.controller.plan;

import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.EffectiveSpec;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimSpec;
import io.kubernetes.client.openapi.models.V1VolumeResourceRequirements;

/** The volume claim of a sandbox's workspace, kept over stop and resume. */
final class DesiredClaim {
    private DesiredClaim() {}

    static V1PersistentVolumeClaim of(Sandbox sandbox, EffectiveSpec effective) {
        var spec = new V1PersistentVolumeClaimSpec()
                .addAccessModesItem(effective.shared() ? "ReadWriteMany" : "ReadWriteOnce")
                .volumeMode("Filesystem")
                .resources(new V1VolumeResourceRequirements()
                        .putRequestsItem("storage", new Quantity(effective.storageSize())));
        var storage = effective.spec().storage();
        if (storage != null
                && storage.storageClass() != null
                && !storage.storageClass().isEmpty()) {
            spec.storageClassName(storage.storageClass());
        }
        return new V1PersistentVolumeClaim()
                .apiVersion(ResourceKind.VOLUME_CLAIM.apiVersion())
                .kind(ResourceKind.VOLUME_CLAIM.kind())
                .metadata(
                        Owned.metadata(sandbox, Names.pvcName(sandbox.metadata().name())))
                .spec(spec);
    }

    /** Whether the claim asks for less than the sandbox does, so that it has to grow. */
    static boolean isSmaller(V1PersistentVolumeClaim claim, EffectiveSpec effective) {
        var spec = claim.getSpec();
        if (spec == null || spec.getResources() == null || spec.getResources().getRequests() == null) {
            return false;
        }
        var present = spec.getResources().getRequests().get("storage");
        return present != null && present.getNumber().compareTo(new Quantity(effective.storageSize()).getNumber()) < 0;
    }
}
