package io.agenttier.controller.plan;

import io.agenttier.api.Names;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1EmptyDirVolumeSource;
import io.kubernetes.client.openapi.models.V1ImageVolumeSource;
import io.kubernetes.client.openapi.models.V1KeyToPath;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimVolumeSource;
import io.kubernetes.client.openapi.models.V1ProjectedVolumeSource;
import io.kubernetes.client.openapi.models.V1SecretVolumeSource;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.List;

/** Volumes of a sandbox's pod and where container {@code sandbox} sees them. */
final class DesiredVolumes {
    private static final String TMP_SIZE = "256Mi";

    /** Room beside the spool for what sandboxd writes while it makes space. */
    private static final long SPOOL_MARGIN = 64L << 20;

    /** Readable by user and group, which are the sandbox's own. */
    private static final int RUN_MODE = 0440;

    private DesiredVolumes() {}

    static List<V1Volume> of(Start start) {
        var volumes = new ArrayList<>(List.of(workspace(start), tmp(), binary(start), run(start), spool(start)));
        var sources = DesiredFiles.of(start.effective()).projections();
        if (!sources.isEmpty()) {
            volumes.add(new V1Volume()
                    .name(PodLayout.VOLUME_FILES)
                    .projected(
                            new V1ProjectedVolumeSource().defaultMode(RUN_MODE).sources(sources)));
        }
        volumes.addAll(DesiredCredentials.volumes(start.effective().spec().credentials()));
        return volumes;
    }

    static List<V1VolumeMount> mounts(Start start) {
        var mounts = new ArrayList<>(List.of(
                mount(PodLayout.VOLUME_WORKSPACE, start.effective().mountPath(), false),
                mount(PodLayout.VOLUME_TMP, "/tmp", false),
                mount(PodLayout.VOLUME_BINARY, PodLayout.BINARY_FOLDER, true),
                mount(PodLayout.VOLUME_RUN, PodLayout.RUN_FOLDER, true),
                mount(PodLayout.VOLUME_SPOOL, PodLayout.SPOOL_FOLDER, false)));
        if (!DesiredFiles.of(start.effective()).projections().isEmpty()) {
            mounts.add(mount(PodLayout.VOLUME_FILES, PodLayout.FILES_FOLDER, true));
        }
        mounts.addAll(DesiredCredentials.mounts(start.effective().spec().credentials()));
        return mounts;
    }

    private static V1VolumeMount mount(String name, String path, boolean readOnly) {
        return new V1VolumeMount().name(name).mountPath(path).readOnly(readOnly ? true : null);
    }

    private static V1Volume workspace(Start start) {
        var volume = new V1Volume().name(PodLayout.VOLUME_WORKSPACE);
        var effective = start.effective();
        if (effective.ephemeral()) {
            return volume.emptyDir(new V1EmptyDirVolumeSource().sizeLimit(new Quantity(effective.storageSize())));
        }
        return volume.persistentVolumeClaim(new V1PersistentVolumeClaimVolumeSource()
                .claimName(Names.pvcName(start.sandbox().metadata().name())));
    }

    private static V1Volume tmp() {
        return new V1Volume()
                .name(PodLayout.VOLUME_TMP)
                .emptyDir(new V1EmptyDirVolumeSource().medium("Memory").sizeLimit(new Quantity(TMP_SIZE)));
    }

    private static V1Volume binary(Start start) {
        var volume = new V1Volume().name(PodLayout.VOLUME_BINARY);
        return switch (start.injection()) {
            case IMAGE_VOLUME ->
                volume.image(new V1ImageVolumeSource()
                        .reference(start.settings().sandboxdImage())
                        .pullPolicy("IfNotPresent"));
            case INIT_CONTAINER -> volume.emptyDir(new V1EmptyDirVolumeSource().sizeLimit(new Quantity("32Mi")));
        };
    }

    private static V1Volume run(Start start) {
        var secret = Names.secretName(start.sandbox().metadata().name(), start.incarnation());
        var source = new V1SecretVolumeSource().secretName(secret).defaultMode(RUN_MODE);
        for (var key : List.of(Names.KEY_TLS_CERT, Names.KEY_CA_CERT, Names.KEY_START_PLAN)) {
            source.addItemsItem(new V1KeyToPath().key(key).path(key));
        }
        return new V1Volume().name(PodLayout.VOLUME_RUN).secret(source);
    }

    private static V1Volume spool(Start start) {
        var limit = Long.toString(start.settings().spoolBytes() + SPOOL_MARGIN);
        return new V1Volume()
                .name(PodLayout.VOLUME_SPOOL)
                .emptyDir(new V1EmptyDirVolumeSource().sizeLimit(new Quantity(limit)));
    }
}
