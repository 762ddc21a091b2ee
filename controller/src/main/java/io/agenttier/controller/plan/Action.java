package io.agenttier.controller.plan;

import io.kubernetes.client.common.KubernetesObject;

/** One write. Each is safe to repeat: the second time it finds its own work done. */
public sealed interface Action {
    /** Create, or adopt an own object of that name. */
    record Create(ResourceKind kind, KubernetesObject object) implements Action {}

    /** Bring an object that somebody changed back to what it has to be, if it is still at {@code resourceVersion}. */
    record Repair(ResourceKind kind, KubernetesObject object, String resourceVersion) implements Action {}

    /** Delete the object with exactly this uid. */
    record Delete(ResourceKind kind, String name, String uid) implements Action {}

    /** Make the key and certificate of an incarnation and store them with its start plan. */
    record CreateSecret(String incarnation, String startPlan) implements Action {}

    /** Delete the pod with exactly this uid. */
    record DeletePod(String name, String uid) implements Action {}

    /** Take the pod with exactly this uid out of the API at once, though nobody knows what runs on its node. */
    record ForceDeletePod(String name, String uid) implements Action {}

    /** Delete the Secret of an incarnation if it is the sandbox's. */
    record DeleteSecret(String incarnation) implements Action {}

    /** Let a volume claim grow. */
    record GrowClaim(String name, String resourceVersion, String size) implements Action {}

    /** Ask the daemon of a pod. Its answer comes later, with another plan. */
    record Ask(String podUid, String podIp, String incarnation, PodQuestion question) implements Action {}

    /**
     * Write {@code spec.powerState: Stopped}, as any automatic stop does.
     *
     * @param mark value of annotation {@link AutomaticStop#ANNOTATION}; empty if status tells the reason already
     */
    record StopSandbox(String mark) implements Action {}

    /** Delete the sandbox itself, if nothing about it has changed. {@code why} is told to people. */
    record DeleteSandbox(String why) implements Action {}
}
