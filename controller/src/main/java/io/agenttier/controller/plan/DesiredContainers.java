package io.agenttier.controller.plan;

import io.agenttier.api.Container;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.VolumeMount;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The containers of a user beside container {@code sandbox}: his init containers, then his sidecars. Only what the schema describes is taken
 * over, field by field; the hardening is ours. They have process namespaces of their own, and none of our volumes can be named.
 */
final class DesiredContainers {
    private static final List<String> VOLUMES = List.of(PodLayout.VOLUME_WORKSPACE, PodLayout.VOLUME_TMP);

    private DesiredContainers() {}

    static List<V1Container> of(SandboxSpec spec) {
        return Stream.concat(
                        spec.initContainers().stream().map(DesiredContainers::container),
                        spec.sidecars().stream().map(DesiredContainers::sidecar))
                .toList();
    }

    /** A native sidecar: it starts before container {@code sandbox}, is started again when it ends, and never keeps the pod alive. */
    private static V1Container sidecar(Container asked) {
        return container(asked)
                .restartPolicy("Always")
                .livenessProbe(DesiredProbe.of(asked.livenessProbe()))
                .readinessProbe(DesiredProbe.of(asked.readinessProbe()))
                .startupProbe(DesiredProbe.of(asked.startupProbe()));
    }

    private static V1Container container(Container asked) {
        return new V1Container()
                .name(asked.name())
                .image(asked.image())
                .imagePullPolicy(asked.imagePullPolicy())
                .command(orNull(asked.command()))
                .args(orNull(asked.args()))
                .workingDir(asked.workingDir())
                .env(orNull(DesiredEnv.variables(asked.env())))
                .envFrom(orNull(DesiredEnv.from(asked.envFrom())))
                .ports(orNull(asked.ports().stream()
                        .map(port -> new V1ContainerPort()
                                .name(port.name())
                                .containerPort(port.containerPort())
                                .protocol(port.protocol()))
                        .toList()))
                .resources(asked.resources() == null ? null : DesiredResources.of(asked.resources()))
                .volumeMounts(orNull(asked.volumeMounts().stream()
                        .filter(mount -> VOLUMES.contains(mount.name()))
                        .map(DesiredContainers::mount)
                        .toList()))
                .securityContext(Hardening.container())
                .terminationMessagePolicy("FallbackToLogsOnError");
    }

    private static V1VolumeMount mount(VolumeMount asked) {
        return new V1VolumeMount()
                .name(asked.name())
                .mountPath(asked.mountPath())
                .subPath(asked.subPath())
                .readOnly(asked.readOnly());
    }

    private static <T> @Nullable List<T> orNull(List<T> list) {
        return list.isEmpty() ? null : list;
    }
}
