package io.agenttier.apiserver.resource;

import io.agenttier.api.Agent;
import io.agenttier.api.AgentConfigure;
import io.agenttier.api.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Agent mode of a sandbox at one moment, from its status.
 *
 * @param isAgent the effective mode is agent
 * @param template name of the resolved template; empty if there is none
 * @param ephemeral its workspace begins empty with every pod
 * @param spec effective {@code harness.agent}
 * @param configured outcome of the last configuration, or null
 */
public record AgentState(
        boolean isAgent,
        String template,
        boolean ephemeral,
        Agent spec,
        @Nullable AgentConfigure configured) {
    private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(30);
    private static final String DEFAULT_WORKING_DIR = "/workspace";

    /** A sandbox in code mode. */
    public static final AgentState CODE = new AgentState(false, "", false, Agent.EMPTY, null);

    /** @param spec null where no layer says anything */
    public static AgentState agent(
            String template, boolean ephemeral, @Nullable Agent spec, @Nullable AgentConfigure configured) {
        return new AgentState(true, template, ephemeral, spec == null ? Agent.EMPTY : spec, configured);
    }

    /** What an invocation runs; empty if nothing has been configured. */
    List<String> entrypoint() {
        return configured != null && !configured.entrypoint().isEmpty() ? configured.entrypoint() : spec.entrypoint();
    }

    String workingDir() {
        return spec.workingDir() == null ? DEFAULT_WORKING_DIR : spec.workingDir();
    }

    /** Most invocations at the same time, 0 for any number. A policy would clamp it here. */
    int cap() {
        return spec.maxConcurrentInvokes() == null ? 0 : spec.maxConcurrentInvokes();
    }

    /** Longest an invocation may take. */
    Duration limit(Duration ceiling) {
        var wanted = GoDuration.parse(spec.defaultInvokeTimeout())
                .filter(Duration::isPositive)
                .orElse(DEFAULT_LIMIT);
        return wanted.compareTo(ceiling) < 0 ? wanted : ceiling;
    }

    /** Hash of what is installed in the pod of this incarnation; empty if nothing is, or that went with an earlier pod. */
    Optional<String> hash(String incarnation) {
        if (configured == null || (ephemeral && !incarnation.equals(configured.incarnation()))) {
            return Optional.empty();
        }
        return Optional.ofNullable(configured.installCommandHash());
    }

    /** A number that grows with each configuration; 0 if none has ever succeeded. */
    long configuration() {
        return configured == null || configured.lastConfiguredAt() == null
                ? 0
                : configured.lastConfiguredAt().toInstant().toEpochMilli();
    }

    /** When a configuration of now is said to have been: never before an earlier one, whatever the clocks of replicas say. */
    Instant next(Instant now) {
        return now.toEpochMilli() > configuration() ? now : Instant.ofEpochMilli(configuration() + 1);
    }

    /** Whether a configuration has ever succeeded. */
    boolean isConfigured() {
        return configured != null && configured.lastConfiguredAt() != null;
    }
}
