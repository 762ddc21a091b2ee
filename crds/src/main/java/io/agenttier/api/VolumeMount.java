package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A mount of the workspace or of the temporary volume of the sandbox.
 *
 * @param name Volume: workspace is the volume of spec.storage, tmp the scratch volume of the pod.
 * @param mountPath Absolute path in the container.
 * @param subPath Folder of the volume that is mounted instead of its root; relative, without "..".
 * @param readOnly True to refuse writes through this mount.
 */
public record VolumeMount(
        String name,
        String mountPath,
        @Nullable String subPath,
        @Nullable Boolean readOnly) {
    public VolumeMount {
        name = Wire.text(name);
        mountPath = Wire.text(mountPath);
    }
}
