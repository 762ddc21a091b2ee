package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a sandbox. For people and programs to read; no decision of the controller rests on it alone.
 *
 * @param phase Summary of the conditions.
 * @param conditions Truth about the sandbox, one entry for each aspect.
 * @param observedGeneration Generation of the sandbox that this status describes.
 * @param message One sentence for people, from the condition that matters most.
 * @param mode Effective mode.
 * @param podName Name of the pod.
 * @param podUID Uid of the pod.
 * @param incarnation Identifies the present pod and its keys, 8 hex digits, made anew for each pod.
 * @param node Node of the pod.
 * @param pool Pool that the pod was claimed from; empty after a cold start.
 * @param pvcName Name of the volume claim.
 * @param resolvedTemplate Name of the template that was used.
 * @param templateResourceVersion Its resourceVersion when resolved.
 * @param templateChain Every template that was used, nearest first.
 * @param resolvedAgentSpec Effective contract of agent mode.
 * @param startedAt Start of the present run; timeout counts from here.
 * @param startupDurationMs Milliseconds from creation or resume until Ready.
 * @param lastActivityTimestamp Last use, written only now and then; idleTimeout counts from here.
 * @param stopped Last change to Stopped or Error.
 * @param scheduledStop Automatic stop that is coming.
 * @param restartCount Automatic restarts since the sandbox was last stable for 5 minutes.
 * @param lastRestartTime When the last automatic restart was.
 * @param nextRetryTime When the next automatic restart will be.
 * @param forwardedPorts Declared ports as they can be reached.
 * @param shareLinks How often each share link was redeemed.
 * @param clonedFrom Sandbox that this one was cloned from.
 * @param lastSnapshot Newest snapshot taken before a stop.
 * @param agentConfigure Outcome of the last configuration of the agent.
 * @param firstIncarnation Incarnation that was Ready first: the hook onStart runs in its pod, onResume in later ones.
 * @param harness Tools and hooks of the present pod.
 */
public record SandboxStatus(
        @Nullable String phase,
        List<Condition> conditions,
        @Nullable Long observedGeneration,
        @Nullable String message,
        @Nullable String mode,
        @Nullable String podName,
        @Nullable String podUID,
        @Nullable String incarnation,
        @Nullable String node,
        @Nullable String pool,
        @Nullable String pvcName,
        @Nullable String resolvedTemplate,
        @Nullable String templateResourceVersion,
        List<TemplateOrigin> templateChain,
        @Nullable Agent resolvedAgentSpec,
        @Nullable OffsetDateTime startedAt,
        @Nullable Long startupDurationMs,
        @Nullable OffsetDateTime lastActivityTimestamp,
        @Nullable Stopped stopped,
        @Nullable ScheduledStop scheduledStop,
        @Nullable Integer restartCount,
        @Nullable OffsetDateTime lastRestartTime,
        @Nullable OffsetDateTime nextRetryTime,
        List<ForwardedPort> forwardedPorts,
        List<ShareLinkUse> shareLinks,
        @Nullable String clonedFrom,
        @Nullable LastSnapshot lastSnapshot,
        @Nullable AgentConfigure agentConfigure,
        @Nullable String firstIncarnation,
        @Nullable HarnessStatus harness) {
    /** The status of a sandbox that no controller has looked at. */
    public static final SandboxStatus EMPTY = new SandboxStatus(
            null, List.of(), null, null, null, null, null, null, null, null, null, null, null, List.of(), null, null,
            null, null, null, null, null, null, null, List.of(), List.of(), null, null, null, null, null);

    public SandboxStatus {
        conditions = Wire.list(conditions);
        templateChain = Wire.list(templateChain);
        forwardedPorts = Wire.list(forwardedPorts);
        shareLinks = Wire.list(shareLinks);
    }

    /** A draft that starts from this status. */
    public SandboxStatusDraft toDraft() {
        return new SandboxStatusDraft(this);
    }
}
