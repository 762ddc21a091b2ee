package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a sandbox. Absent fields are taken from the template, then from the defaults of the cluster.
 *
 * @param mode Kind of use: code for people and their tools, agent for installed agents that are invoked; code when
 *     no layer sets it.
 * @param templateRef Template that the sandbox starts from. Cannot be changed; without it image.repository is
 *     required.
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
 * @param autoResume True if a call may start a sandbox that stopped because it was idle. The caller needs the
 *     right to resume it.
 * @param security Exceptions from the hardening of the pod.
 * @param credentials Secrets handed to the code in the sandbox.
 * @param sidecars Containers that run beside the sandbox.
 * @param initContainers Containers that run before the sandbox, in this order.
 * @param harness What runs inside the sandbox besides the commands of its users.
 * @param files Files written before the sandbox is Ready.
 * @param ports Ports of the sandbox that are reachable through a Service.
 * @param createdBy Who made the sandbox. Set by the server, whatever is sent.
 * @param sharing Who else may use the sandbox.
 * @param cloneFromSnapshot VolumeSnapshot of the namespace that the workspace starts from. Cannot be changed.
 * @param powerState Wanted power state; Running until someone writes it.
 * @param startRequestedAt When a start was last asked for. Stopped and Error are left when it is later than
 *     status.stopped.time.
 * @param shutdownTime Time at which shutdownPolicy acts.
 * @param shutdownPolicy What happens at shutdownTime. Delete: the sandbox is deleted. Retain: it stops and is
 *     kept.
 * @param ttlSecondsAfterStopped Seconds after which a stopped sandbox is deleted; never when absent.
 */
public record SandboxSpec(
        @Nullable String mode,
        @Nullable TemplateRef templateRef,
        @Nullable Image image,
        @Nullable ResourceRequirements resources,
        @Nullable Storage storage,
        @Nullable Network network,
        List<EnvVar> env,
        @Nullable String timeout,
        @Nullable String idleTimeout,
        @Nullable String runtimeClass,
        @Nullable String serviceAccount,
        @Nullable Boolean autoResume,
        @Nullable Security security,
        List<Credential> credentials,
        List<Container> sidecars,
        List<Container> initContainers,
        @Nullable Harness harness,
        List<SeedFile> files,
        List<DeclaredPort> ports,
        @Nullable Creator createdBy,
        @Nullable Sharing sharing,
        @Nullable String cloneFromSnapshot,
        @Nullable String powerState,
        @Nullable OffsetDateTime startRequestedAt,
        @Nullable OffsetDateTime shutdownTime,
        @Nullable String shutdownPolicy,
        @Nullable Long ttlSecondsAfterStopped) {
    /** Says nothing. */
    public static final SandboxSpec EMPTY = new SandboxSpec(
            null, null, null, null, null, null, List.of(), null, null, null, null, null, null, List.of(), List.of(),
            List.of(), null, List.of(), List.of(), null, null, null, null, null, null, null, null);

    public SandboxSpec {
        env = Wire.list(env);
        credentials = Wire.list(credentials);
        sidecars = Wire.list(sidecars);
        initContainers = Wire.list(initContainers);
        files = Wire.list(files);
        ports = Wire.list(ports);
    }

    /** The wanted power state. Absent means Running; a value that this version does not know means Stopped. */
    public PowerState wantedPower() {
        return powerState == null
                ? PowerState.RUNNING
                : PowerState.parse(powerState).orElse(PowerState.STOPPED);
    }

    /** The part that takes part in the merge with templates, as its nearest layer. */
    public TemplateSpec layer() {
        return new TemplateSpec(
                null,
                null,
                mode,
                image,
                resources,
                storage,
                network,
                env,
                timeout,
                idleTimeout,
                runtimeClass,
                serviceAccount,
                security,
                credentials,
                sidecars,
                initContainers,
                harness,
                files,
                ports,
                List.of());
    }

    /** This spec with the merged fields of {@code layer} in place of its own. */
    public SandboxSpec withLayer(TemplateSpec layer) {
        return new SandboxSpec(
                layer.mode(),
                templateRef,
                layer.image(),
                layer.resources(),
                layer.storage(),
                layer.network(),
                layer.env(),
                layer.timeout(),
                layer.idleTimeout(),
                layer.runtimeClass(),
                layer.serviceAccount(),
                autoResume,
                layer.security(),
                layer.credentials(),
                layer.sidecars(),
                layer.initContainers(),
                layer.harness(),
                layer.files(),
                layer.ports(),
                createdBy,
                sharing,
                cloneFromSnapshot,
                powerState,
                startRequestedAt,
                shutdownTime,
                shutdownPolicy,
                ttlSecondsAfterStopped);
    }
}
