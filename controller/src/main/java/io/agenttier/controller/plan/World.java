package io.agenttier.controller.plan;

import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.TemplateChain;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything a decision about one sandbox rests on.
 *
 * @param pods whose controller owner is the sandbox, terminating ones too
 * @param claim the object with the name of the sandbox's volume claim, whoever owns it
 * @param policy the object with the name of its NetworkPolicy, whoever owns it
 * @param account the object with the name of its own ServiceAccount, whoever owns it
 * @param defaultDeny the policy that closes the namespace
 * @param secretLeft whether the Secret of {@code status.incarnation} exists and is the sandbox's; read only while no pod of it is known
 * @param secretUnused whether that Secret certainly had no pod, since the pod was refused
 * @param runtimeClassMissing whether the RuntimeClass it asks for does not exist
 * @param tokenWanted whether the ServiceAccount it names asks for its token to be mounted
 * @param silentNodes names of nodes that do not answer
 * @param obstacle what stopped the last attempt to create its objects
 * @param answers what the daemons of its pods answered, by the pods' uid
 * @param lostNodes those of them whose pods may be deleted by force
 * @param denied ClusterSandboxTemplates of the chain that the sandbox's maker may not use
 * @param report what its sandboxd says about its use
 * @param services the Services that its network rules name, as far as they exist
 * @param warning the last Warning about its pod while that waits for its kubelet; empty if there is none
 * @param secretOfOther when another process made the Secret that is left; null if this one did, or there is none
 * @param ports Services and Ingresses of its ports
 */
public record World(
        Sandbox sandbox,
        TemplateChain templates,
        List<V1Pod> pods,
        @Nullable V1PersistentVolumeClaim claim,
        @Nullable V1NetworkPolicy policy,
        @Nullable V1ServiceAccount account,
        @Nullable V1NetworkPolicy defaultDeny,
        boolean secretLeft,
        boolean secretUnused,
        boolean runtimeClassMissing,
        boolean tokenWanted,
        Injection injection,
        Set<String> silentNodes,
        @Nullable Obstacle obstacle,
        Map<String, Map<PodQuestion, PodAnswer>> answers,
        Set<String> lostNodes,
        Set<String> denied,
        UseReport report,
        Map<ServiceName, BackedService> services,
        String warning,
        @Nullable Instant secretOfOther,
        PortObjects ports) {
    public World {
        services = Map.copyOf(services);
        pods = List.copyOf(pods);
        silentNodes = Set.copyOf(silentNodes);
        answers = Map.copyOf(answers);
        lostNodes = Set.copyOf(lostNodes);
        denied = Set.copyOf(denied);
    }

    /** Before it is known which nodes are lost, what is denied and which Services there are, and sandboxd was asked for use. */
    public World(
            Sandbox sandbox,
            TemplateChain templates,
            List<V1Pod> pods,
            @Nullable V1PersistentVolumeClaim claim,
            @Nullable V1NetworkPolicy policy,
            @Nullable V1ServiceAccount account,
            @Nullable V1NetworkPolicy defaultDeny,
            boolean secretLeft,
            boolean secretUnused,
            boolean runtimeClassMissing,
            boolean tokenWanted,
            Injection injection,
            Set<String> silentNodes,
            @Nullable Obstacle obstacle,
            Map<String, Map<PodQuestion, PodAnswer>> answers) {
        this(
                sandbox,
                templates,
                pods,
                claim,
                policy,
                account,
                defaultDeny,
                secretLeft,
                secretUnused,
                runtimeClassMissing,
                tokenWanted,
                injection,
                silentNodes,
                obstacle,
                answers,
                Set.of(),
                Set.of(),
                UseReport.NONE,
                Map.of(),
                "",
                null,
                PortObjects.NONE);
    }

    public World stoppedBy(Obstacle next) {
        return with(next, lostNodes, denied, report, services, warning, secretOfOther, ports);
    }

    /** The same, and what sandboxd said. */
    public World used(UseReport next) {
        return with(obstacle, lostNodes, denied, next, services, warning, secretOfOther, ports);
    }

    /** The same, and which nodes are given up. */
    public World without(Set<String> nodes) {
        return with(obstacle, nodes, denied, report, services, warning, secretOfOther, ports);
    }

    /** The same, and which templates the sandbox's maker may not use. */
    public World denying(Set<String> templatesOfCluster) {
        return with(obstacle, lostNodes, templatesOfCluster, report, services, warning, secretOfOther, ports);
    }

    /** The same, and which Services there are. */
    public World serving(Map<ServiceName, BackedService> next) {
        return with(obstacle, lostNodes, denied, report, next, warning, secretOfOther, ports);
    }

    /** The same, and what the kubelet complains of. */
    public World warned(String next) {
        return with(obstacle, lostNodes, denied, report, services, next, secretOfOther, ports);
    }

    /** The same, and when another process made the Secret that is left. */
    public World withSecretOf(Instant made) {
        return with(obstacle, lostNodes, denied, report, services, warning, made, ports);
    }

    /** The same, and what its ports have. */
    public World forwarding(PortObjects next) {
        return with(obstacle, lostNodes, denied, report, services, warning, secretOfOther, next);
    }

    /** The same, as if nothing had stopped the last attempt. */
    World unobstructed() {
        return with(null, lostNodes, denied, report, services, warning, secretOfOther, ports);
    }

    private World with(
            @Nullable Obstacle nextObstacle,
            Set<String> nextLost,
            Set<String> nextDenied,
            UseReport nextReport,
            Map<ServiceName, BackedService> nextServices,
            String nextWarning,
            @Nullable Instant nextSecretOfOther,
            PortObjects nextPorts) {
        return new World(
                sandbox,
                templates,
                pods,
                claim,
                policy,
                account,
                defaultDeny,
                secretLeft,
                secretUnused,
                runtimeClassMissing,
                tokenWanted,
                injection,
                silentNodes,
                nextObstacle,
                answers,
                nextLost,
                nextDenied,
                nextReport,
                nextServices,
                nextWarning,
                nextSecretOfOther,
                nextPorts);
    }

    /** What the daemon of the pod with that uid answered. */
    Map<PodQuestion, PodAnswer> answers(String podUid) {
        return answers.getOrDefault(podUid, Map.of());
    }
}
