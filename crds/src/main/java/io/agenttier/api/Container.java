package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar or init container: the fields of a core/v1 Container that are safe beside untrusted code. The pod
 * hardening is put on top.
 *
 * @param name Name of the container, unique in the pod and not "sandbox".
 * @param image Image with tag or digest.
 * @param imagePullPolicy When the image is pulled; the rule of Kubernetes when absent.
 * @param command Program to run instead of the entrypoint of the image.
 * @param args Arguments of the program.
 * @param workingDir Working directory; that of the image when absent.
 * @param env Environment variables.
 * @param envFrom ConfigMaps and Secrets whose entries become environment variables; env wins.
 * @param ports Ports that the container listens on.
 * @param resources Compute resources of the container.
 * @param volumeMounts Mounts of the volumes workspace and tmp.
 * @param livenessProbe Restarts the container when it fails.
 * @param readinessProbe Takes the container out of service while it fails.
 * @param startupProbe Holds the other probes back until it succeeds.
 */
public record Container(
        String name,
        String image,
        @Nullable String imagePullPolicy,
        List<String> command,
        List<String> args,
        @Nullable String workingDir,
        List<EnvVar> env,
        List<EnvFrom> envFrom,
        List<ContainerPort> ports,
        @Nullable ResourceRequirements resources,
        List<VolumeMount> volumeMounts,
        @Nullable Probe livenessProbe,
        @Nullable Probe readinessProbe,
        @Nullable Probe startupProbe) {
    public Container {
        name = Wire.text(name);
        image = Wire.text(image);
        command = Wire.list(command);
        args = Wire.list(args);
        env = Wire.list(env);
        envFrom = Wire.list(envFrom);
        ports = Wire.list(ports);
        volumeMounts = Wire.list(volumeMounts);
    }
}
