package io.agenttier.controller.plan;

import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
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
 */
public record World(
        Sandbox sandbox,
        TemplateLookup template,
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
    public World {
        pods = List.copyOf(pods);
        silentNodes = Set.copyOf(silentNodes);
        answers = Map.copyOf(answers);
    }

    public World stoppedBy(Obstacle next) {
        return new World(
                sandbox,
                template,
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
                next,
                answers);
    }

    /** What the daemon of the pod with that uid answered. */
    Map<PodQuestion, PodAnswer> answers(String podUid) {
        return answers.getOrDefault(podUid, Map.of());
    }
}
