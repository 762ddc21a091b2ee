package io.agenttier.controller.plan;

import io.agenttier.api.Credential;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1SecretEnvSource;
import io.kubernetes.client.openapi.models.V1SecretVolumeSource;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Secrets handed to the code in a sandbox, as environment of its container or as read-only files. None is optional: without its Secret a
 * container does not start.
 */
public final class DesiredCredentials {
    private static final String FILE = "file";

    /** Readable by user and group, which are the sandbox's own. */
    private static final int MODE = 0440;

    private DesiredCredentials() {}

    /**
     * What people are told once a pod of ours was made with credentials: names, never a value. Empty for one without.
     *
     * @param pod as {@link DesiredPod} makes it
     */
    public static Optional<Transitions.Note> note(V1Pod pod) {
        var spec = Objects.requireNonNull(pod.getSpec(), "a pod that is made has a spec");
        var container = spec.getContainers().getFirst();
        var environment = PodSources.stream(container.getEnvFrom())
                .flatMap(from -> Stream.ofNullable(from.getSecretRef()))
                .map(secret -> "Secret \"%s\" as environment".formatted(secret.getName()));
        var files = PodSources.stream(container.getVolumeMounts())
                .filter(mount -> mount.getName().startsWith(PodLayout.VOLUME_CREDENTIAL))
                .flatMap(mount -> PodSources.stream(spec.getVolumes())
                        .filter(volume -> volume.getName().equals(mount.getName()))
                        .flatMap(volume -> Stream.ofNullable(volume.getSecret()))
                        .map(secret -> "Secret \"%s\" as files in %s"
                                .formatted(secret.getSecretName(), mount.getMountPath())));
        var handed = Stream.concat(environment, files).collect(Collectors.joining(", "));
        return handed.isEmpty()
                ? Optional.empty()
                : Optional.of(new Transitions.Note(
                        false, "CredentialsInjected", "the sandbox's processes are handed " + handed));
    }

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
