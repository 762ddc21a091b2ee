package io.agenttier.controller.plan;

import io.agenttier.api.Credential;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1SecretEnvSource;
import io.kubernetes.client.openapi.models.V1SecretVolumeSource;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.List;

/**
 * Secrets handed to the code in a sandbox, as environment of its container or as read-only files. None is optional: without its Secret a
 * container does not start.
 */
final class DesiredCredentials {
    private static final String FILE = "file";

    /** Readable by user and group, which are the sandbox's own. */
    private static final int MODE = 0440;

    private DesiredCredentials() {}

    static List<V1EnvFromSource> environment(List<Credential> credentials) {
        return credentials.stream()
                .filter(credential -> !isFile(credential))
                .map(credential -> new V1EnvFromSource()
                        .prefix(credential.envPrefix())
                        .secretRef(new V1SecretEnvSource().name(credential.secretName())))
                .toList();
    }

    static List<V1Volume> volumes(List<Credential> credentials) {
        var volumes = new ArrayList<V1Volume>();
        for (var i = 0; i < credentials.size(); i++) {
            if (isFile(credentials.get(i))) {
                volumes.add(new V1Volume()
                        .name(volume(i))
                        .secret(new V1SecretVolumeSource()
                                .secretName(credentials.get(i).secretName())
                                .defaultMode(MODE)));
            }
        }
        return volumes;
    }

    static List<V1VolumeMount> mounts(List<Credential> credentials) {
        var mounts = new ArrayList<V1VolumeMount>();
        for (var i = 0; i < credentials.size(); i++) {
            var path = credentials.get(i).mountPath();
            if (isFile(credentials.get(i)) && path != null) {
                mounts.add(new V1VolumeMount().name(volume(i)).mountPath(path).readOnly(true));
            }
        }
        return mounts;
    }

    private static boolean isFile(Credential credential) {
        return FILE.equals(credential.mountAs());
    }

    private static String volume(int index) {
        return PodLayout.VOLUME_CREDENTIAL + index;
    }
}
