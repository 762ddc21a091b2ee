package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1LocalObjectReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Secrets that a pod takes anything from, whichever field of a sandbox or template named them. */
public final class PodSecrets {
    private PodSecrets() {}

    /** Their names, without {@code own}, the one that was made for this pod. */
    public static Set<String> named(V1Pod pod, String own) {
        var spec = Objects.requireNonNull(pod.getSpec(), "a pod that is made has a spec");
        var names = new TreeSet<String>();
        Stream.concat(stream(spec.getContainers()), stream(spec.getInitContainers()))
                .flatMap(PodSecrets::ofContainer)
                .forEach(names::add);
        stream(spec.getVolumes()).flatMap(PodSecrets::ofVolume).forEach(names::add);
        stream(spec.getImagePullSecrets())
                .map(V1LocalObjectReference::getName)
                .filter(Objects::nonNull)
                .forEach(names::add);
        names.remove(own);
        return names;
    }

    private static Stream<String> ofContainer(V1Container container) {
        return Stream.concat(
                stream(container.getEnv()).flatMap(PodSecrets::ofVariable),
                stream(container.getEnvFrom())
                        .map(V1EnvFromSource::getSecretRef)
                        .filter(Objects::nonNull)
                        .flatMap(ref -> Stream.ofNullable(ref.getName())));
    }

    private static Stream<String> ofVariable(V1EnvVar variable) {
        var from = variable.getValueFrom();
        var secret = from == null ? null : from.getSecretKeyRef();
        return secret == null ? Stream.empty() : Stream.ofNullable(secret.getName());
    }

    private static Stream<String> ofVolume(V1Volume volume) {
        var secret = volume.getSecret();
        var projected = volume.getProjected();
        return Stream.concat(
                secret == null ? Stream.empty() : Stream.ofNullable(secret.getSecretName()),
                stream(projected == null ? null : projected.getSources())
                        .flatMap(source -> Stream.ofNullable(source.getSecret()))
                        .flatMap(source -> Stream.ofNullable(source.getName())));
    }

    private static <T> Stream<T> stream(@Nullable List<T> list) {
        return list == null ? Stream.empty() : list.stream();
    }
}
