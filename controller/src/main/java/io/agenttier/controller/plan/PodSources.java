package io.agenttier.controller.plan;

import io.agenttier.api.Names;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvFromSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1LocalObjectReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Secrets and ConfigMaps that a pod takes anything from, whichever field of a sandbox or template named them. The places in which the
 * Secret made for the pod belongs do not count; that Secret in any other place does.
 */
public final class PodSources {
    private PodSources() {}

    /** @param required whether the pod cannot start without it */
    public record Source(ResourceKind kind, String name, boolean required) {}

    public static List<Source> of(V1Pod pod) {
        var spec = Objects.requireNonNull(pod.getSpec(), "a pod that is made has a spec");
        var sources = new ArrayList<Source>();
        Stream.concat(stream(spec.getContainers()), stream(spec.getInitContainers()))
                .flatMap(PodSources::ofContainer)
                .forEach(sources::add);
        stream(spec.getVolumes()).flatMap(PodSources::ofVolume).forEach(sources::add);
        stream(spec.getImagePullSecrets())
                .map(V1LocalObjectReference::getName)
                // without it the kubelet tries all the same, and says what became of it
                .flatMap(name -> source(ResourceKind.SECRET, name, true))
                .forEach(sources::add);
        return sources.stream().distinct().toList();
    }

    private static Stream<Source> ofContainer(V1Container container) {
        return Stream.concat(
                usersVariables(container).flatMap(PodSources::ofVariable),
                stream(container.getEnvFrom()).flatMap(PodSources::ofVariables));
    }

    /** All but the daemon's key, which is the last one of container {@code sandbox}. */
    private static Stream<V1EnvVar> usersVariables(V1Container container) {
        var variables = container.getEnv() == null ? List.<V1EnvVar>of() : container.getEnv();
        var endsWithKey = Names.CONTAINER.equals(container.getName())
                && !variables.isEmpty()
                && PodLayout.KEY_VARIABLE.equals(variables.getLast().getName());
        return variables.stream().limit(endsWithKey ? variables.size() - 1L : variables.size());
    }

    private static Stream<Source> ofVariable(V1EnvVar variable) {
        var from = variable.getValueFrom();
        if (from == null) {
            return Stream.empty();
        }
        var secret = from.getSecretKeyRef();
        var configMap = from.getConfigMapKeyRef();
        return secret != null
                ? source(ResourceKind.SECRET, secret.getName(), secret.getOptional())
                : configMap != null
                        ? source(ResourceKind.CONFIG_MAP, configMap.getName(), configMap.getOptional())
                        : Stream.empty();
    }

    private static Stream<Source> ofVariables(V1EnvFromSource from) {
        var secret = from.getSecretRef();
        var configMap = from.getConfigMapRef();
        return secret != null
                ? source(ResourceKind.SECRET, secret.getName(), secret.getOptional())
                : configMap != null
                        ? source(ResourceKind.CONFIG_MAP, configMap.getName(), configMap.getOptional())
                        : Stream.empty();
    }

    private static Stream<Source> ofVolume(V1Volume volume) {
        if (PodLayout.VOLUME_RUN.equals(volume.getName())) {
            return Stream.empty();
        }
        var secret = volume.getSecret();
        var projected = volume.getProjected();
        return Stream.concat(
                secret == null
                        ? Stream.empty()
                        : source(ResourceKind.SECRET, secret.getSecretName(), secret.getOptional()),
                stream(projected == null ? null : projected.getSources()).flatMap(PodSources::ofProjection));
    }

    private static Stream<Source> ofProjection(V1VolumeProjection projection) {
        var secret = projection.getSecret();
        var configMap = projection.getConfigMap();
        return secret != null
                ? source(ResourceKind.SECRET, secret.getName(), secret.getOptional())
                : configMap != null
                        ? source(ResourceKind.CONFIG_MAP, configMap.getName(), configMap.getOptional())
                        : Stream.empty();
    }

    private static Stream<Source> source(ResourceKind kind, @Nullable String name, @Nullable Boolean optional) {
        return name == null ? Stream.empty() : Stream.of(new Source(kind, name, !Boolean.TRUE.equals(optional)));
    }

    /** Nothing for a list that the model leaves out. */
    static <T> Stream<T> stream(@Nullable List<T> list) {
        return list == null ? Stream.empty() : list.stream();
    }
}
