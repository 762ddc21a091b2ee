package io.agenttier.api;

import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link SandboxStatus} being written. Not for use by several threads. */
public final class SandboxStatusDraft {
    private @Nullable String phase;
    private List<Condition> conditions;
    private @Nullable Long observedGeneration;
    private @Nullable String message;
    private @Nullable String mode;
    private @Nullable String podName;
    private @Nullable String podUID;
    private @Nullable String incarnation;
    private @Nullable String node;
    private @Nullable String pool;
    private @Nullable String pvcName;
    private @Nullable String resolvedTemplate;
    private @Nullable String templateResourceVersion;
    private List<TemplateOrigin> templateChain;
    private @Nullable Agent resolvedAgentSpec;
    private @Nullable OffsetDateTime startedAt;
    private @Nullable Long startupDurationMs;
    private @Nullable OffsetDateTime lastActivityTimestamp;
    private @Nullable Stopped stopped;
    private @Nullable ScheduledStop scheduledStop;
    private @Nullable Integer restartCount;
    private @Nullable OffsetDateTime lastRestartTime;
    private @Nullable OffsetDateTime nextRetryTime;
    private List<ForwardedPort> forwardedPorts;
    private List<ShareLinkUse> shareLinks;
    private @Nullable String clonedFrom;
    private @Nullable LastSnapshot lastSnapshot;
    private @Nullable AgentConfigure agentConfigure;
    private @Nullable String firstIncarnation;
    private @Nullable HarnessStatus harness;

    SandboxStatusDraft(SandboxStatus from) {
        phase = from.phase();
        conditions = from.conditions();
        observedGeneration = from.observedGeneration();
        message = from.message();
        mode = from.mode();
        podName = from.podName();
        podUID = from.podUID();
        incarnation = from.incarnation();
        node = from.node();
        pool = from.pool();
        pvcName = from.pvcName();
        resolvedTemplate = from.resolvedTemplate();
        templateResourceVersion = from.templateResourceVersion();
        templateChain = from.templateChain();
        resolvedAgentSpec = from.resolvedAgentSpec();
        startedAt = from.startedAt();
        startupDurationMs = from.startupDurationMs();
        lastActivityTimestamp = from.lastActivityTimestamp();
        stopped = from.stopped();
        scheduledStop = from.scheduledStop();
        restartCount = from.restartCount();
        lastRestartTime = from.lastRestartTime();
        nextRetryTime = from.nextRetryTime();
        forwardedPorts = from.forwardedPorts();
        shareLinks = from.shareLinks();
        clonedFrom = from.clonedFrom();
        lastSnapshot = from.lastSnapshot();
        agentConfigure = from.agentConfigure();
        firstIncarnation = from.firstIncarnation();
        harness = from.harness();
    }

    public SandboxStatusDraft phase(@Nullable String next) {
        phase = next;
        return this;
    }

    public SandboxStatusDraft conditions(List<Condition> next) {
        conditions = next;
        return this;
    }

    public SandboxStatusDraft observedGeneration(@Nullable Long next) {
        observedGeneration = next;
        return this;
    }

    public SandboxStatusDraft message(@Nullable String next) {
        message = next;
        return this;
    }

    public SandboxStatusDraft mode(@Nullable String next) {
        mode = next;
        return this;
    }

    public SandboxStatusDraft podName(@Nullable String next) {
        podName = next;
        return this;
    }

    public SandboxStatusDraft podUID(@Nullable String next) {
        podUID = next;
        return this;
    }

    public SandboxStatusDraft incarnation(@Nullable String next) {
        incarnation = next;
        return this;
    }

    public SandboxStatusDraft node(@Nullable String next) {
        node = next;
        return this;
    }

    public SandboxStatusDraft pool(@Nullable String next) {
        pool = next;
        return this;
    }

    public SandboxStatusDraft pvcName(@Nullable String next) {
        pvcName = next;
        return this;
    }

    public SandboxStatusDraft resolvedTemplate(@Nullable String next) {
        resolvedTemplate = next;
        return this;
    }

    public SandboxStatusDraft templateResourceVersion(@Nullable String next) {
        templateResourceVersion = next;
        return this;
    }

    public SandboxStatusDraft templateChain(List<TemplateOrigin> next) {
        templateChain = next;
        return this;
    }

    public SandboxStatusDraft resolvedAgentSpec(@Nullable Agent next) {
        resolvedAgentSpec = next;
        return this;
    }

    public SandboxStatusDraft startedAt(@Nullable OffsetDateTime next) {
        startedAt = next;
        return this;
    }

    public SandboxStatusDraft startupDurationMs(@Nullable Long next) {
        startupDurationMs = next;
        return this;
    }

    public SandboxStatusDraft lastActivityTimestamp(@Nullable OffsetDateTime next) {
        lastActivityTimestamp = next;
        return this;
    }

    public SandboxStatusDraft stopped(@Nullable Stopped next) {
        stopped = next;
        return this;
    }

    public SandboxStatusDraft scheduledStop(@Nullable ScheduledStop next) {
        scheduledStop = next;
        return this;
    }

    public SandboxStatusDraft restartCount(@Nullable Integer next) {
        restartCount = next;
        return this;
    }

    public SandboxStatusDraft lastRestartTime(@Nullable OffsetDateTime next) {
        lastRestartTime = next;
        return this;
    }

    public SandboxStatusDraft nextRetryTime(@Nullable OffsetDateTime next) {
        nextRetryTime = next;
        return this;
    }

    public SandboxStatusDraft forwardedPorts(List<ForwardedPort> next) {
        forwardedPorts = next;
        return this;
    }

    public SandboxStatusDraft shareLinks(List<ShareLinkUse> next) {
        shareLinks = next;
        return this;
    }

    public SandboxStatusDraft clonedFrom(@Nullable String next) {
        clonedFrom = next;
        return this;
    }

    public SandboxStatusDraft lastSnapshot(@Nullable LastSnapshot next) {
        lastSnapshot = next;
        return this;
    }

    public SandboxStatusDraft agentConfigure(@Nullable AgentConfigure next) {
        agentConfigure = next;
        return this;
    }

    public SandboxStatusDraft firstIncarnation(@Nullable String next) {
        firstIncarnation = next;
        return this;
    }

    public SandboxStatusDraft harness(@Nullable HarnessStatus next) {
        harness = next;
        return this;
    }

    /** The status as drafted so far. */
    public SandboxStatus build() {
        return new SandboxStatus(
                phase,
                conditions,
                observedGeneration,
                message,
                mode,
                podName,
                podUID,
                incarnation,
                node,
                pool,
                pvcName,
                resolvedTemplate,
                templateResourceVersion,
                templateChain,
                resolvedAgentSpec,
                startedAt,
                startupDurationMs,
                lastActivityTimestamp,
                stopped,
                scheduledStop,
                restartCount,
                lastRestartTime,
                nextRetryTime,
                forwardedPorts,
                shareLinks,
                clonedFrom,
                lastSnapshot,
                agentConfigure,
                firstIncarnation,
                harness);
    }
}
