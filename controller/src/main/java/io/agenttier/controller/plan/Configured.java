package io.agenttier.controller.plan;

import io.agenttier.api.Agent;
import io.agenttier.api.AgentConfigure;
import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Mode;
import io.agenttier.api.Reasons;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Condition Configured: whether there is an agent to invoke. The apiserver writes what was configured; what follows from it is told here. */
final class Configured {
    /** What the condition says. */
    record Verdict(String status, String reason, String message) {}

    private Configured() {}

    /** The same plan, whose status tells it. */
    static Plan with(World world, Plan plan, Instant now) {
        return plan.then(shown(world.sandbox(), plan.status(), now), List.of());
    }

    static SandboxStatus shown(Sandbox sandbox, SandboxStatus status, Instant now) {
        return verdict(status)
                .map(v -> Draft.condition(sandbox, Conditions.CONFIGURED, v.status(), v.reason(), v.message(), now))
                .map(condition -> status.toDraft()
                        .conditions(Conditions.with(status.conditions(), condition))
                        .build())
                .orElse(status);
    }

    /** Empty while the mode is not known, and in code mode unless the condition is there from before. */
    static Optional<Verdict> verdict(SandboxStatus status) {
        return Mode.parse(status.mode()).flatMap(mode -> switch (mode) {
            case AGENT -> Optional.of(ofAgent(status.agentConfigure(), status.resolvedAgentSpec()));
            case CODE ->
                Conditions.find(status.conditions(), Conditions.CONFIGURED)
                        .map(_ -> fails(Reasons.NOT_AGENT_MODE, "the sandbox is of mode code, which has no agent"));
        });
    }

    private static Verdict ofAgent(@Nullable AgentConfigure last, @Nullable Agent spec) {
        var isInstalled = last != null && last.lastConfiguredAt() != null;
        var failure = last == null || last.installExitCode() == null || last.installExitCode() == 0
                ? ""
                : "the installation ended with exit code " + last.installExitCode();
        var hasEntrypoint = (last != null && !last.entrypoint().isEmpty())
                || (spec != null && !spec.entrypoint().isEmpty());
        if (isInstalled) {
            return holds(
                    hasEntrypoint
                            ? "the agent is configured"
                            : "the agent is configured, but has no entrypoint to invoke: configure one");
        }
        if (hasEntrypoint) {
            return holds("the agent has an entrypoint" + (failure.isEmpty() ? "" : "; " + failure));
        }
        return failure.isEmpty()
                ? fails(
                        Reasons.NOT_CONFIGURED,
                        "there is nothing to invoke: configure the agent, or set spec.harness.agent.entrypoint")
                : fails(
                        Reasons.INSTALL_FAILED,
                        failure + ": see its output (log with source=install), mend it and configure again");
    }

    private static Verdict holds(String message) {
        return new Verdict(Condition.TRUE, Reasons.CONFIGURED, message);
    }

    private static Verdict fails(String reason, String message) {
        return new Verdict(Condition.FALSE, reason, message);
    }
}
