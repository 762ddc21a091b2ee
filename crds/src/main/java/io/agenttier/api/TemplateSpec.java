package io.agenttier.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a template gives to the sandboxes that name it; one layer of the merge.
 *
 * @param inheritsFrom Parent whose fields apply where this template says nothing. At most 10 templates in a row,
 *     no cycle.
 * @param description For people; inherited like any field.
 * @param mode Kind of use: code for people and their tools, agent for installed agents that are invoked; code when
 *     no layer sets it.
 * @param image Container image of the sandbox.
 * @param resources Compute resources of the sandbox. A change takes effect at the next start.
 * @param storage Workspace volume.
 * @param network Who the sandbox may talk to; DNS of the cluster only when absent.
 * @param env Environment variables of the container and of every process in it.
 * @param timeout Maximum run time since status.startedAt, such as 8h; 0 = endless.
 * @param idleTimeout Time without activity until the sandbox stops, such as 1h; 0 = endless.
 * @param runtimeClass RuntimeClass of the pod, such as gvisor; it must exist.
 * @param serviceAccount ServiceAccount of the pod; one without rights is made when absent. Whoever writes this
 *     field needs the right to create tokens of it.
 * @param security Exceptions from the hardening of the pod.
 * @param credentials Secrets handed to the code in the sandbox.
 * @param sidecars Containers that run beside the sandbox.
 * @param initContainers Containers that run before the sandbox, in this order.
 * @param harness What runs inside the sandbox besides the commands of its users.
 * @param files Files written before the sandbox is Ready.
 * @param ports Ports of the sandbox that are reachable through a Service.
 * @param initScripts Shell texts that run in this order before the sandbox is Ready. A failure ends the start.
 */
public record TemplateSpec(
        @Nullable TemplateRef inheritsFrom,
        @Nullable String description,
        @Nullable String mode,
        @Nullable Image image,
        @Nullable ResourceRequirements resources,
        @Nullable Storage storage,
        @Nullable Network network,
        List<EnvVar> env,
        @Nullable String timeout,
        @Nullable String idleTimeout,
        @Nullable String runtimeClass,
        @Nullable String serviceAccount,
        @Nullable Security security,
        List<Credential> credentials,
        List<Container> sidecars,
        List<Container> initContainers,
        @Nullable Harness harness,
        List<SeedFile> files,
        List<DeclaredPort> ports,
        List<String> initScripts) {
    /** Says nothing: the layer that changes nothing. */
    public static final TemplateSpec EMPTY = new TemplateSpec(
            null, null, null, null, null, null, null, List.of(), null, null, null, null, null, List.of(), List.of(),
            List.of(), null, List.of(), List.of(), List.of());

    public TemplateSpec {
        env = Wire.list(env);
        credentials = Wire.list(credentials);
        sidecars = Wire.list(sidecars);
        initContainers = Wire.list(initContainers);
        files = Wire.list(files);
        ports = Wire.list(ports);
        initScripts = Wire.list(initScripts);
    }
}
