package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.ForwardedPort;
import io.agenttier.api.HarnessStatus;
import io.agenttier.api.HookStatus;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.StopReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What people are told about the step from one status to the next. */
public final class Transitions {
    private static final Set<String> EVENTS_OF_STOPS = Set.of(StopReason.IDLE_TIMEOUT, StopReason.MAX_RUNTIME_REACHED);

    private static final Set<String> BLOCKING = Set.of(
            Reasons.TEMPLATE_NOT_FOUND,
            Reasons.INVALID_TEMPLATE,
            Reasons.APPLY_FAILED,
            Reasons.PROVISIONING_FAILED,
            Reasons.VOLUME_LOST,
            Reasons.CONFLICT,
            Reasons.UNSCHEDULABLE,
            Reasons.IMAGE_PULL_FAILED,
            Reasons.CONFIG_ERROR,
            Reasons.INIT_SCRIPT_FAILED,
            Reasons.RUNTIME_CLASS_MISSING,
            Reasons.NAME_TOO_LONG,
            Reasons.POD_LOST);

    private Transitions() {}

    /**
     * An Event about a sandbox.
     *
     * @param warning whether something went wrong
     */
    public record Note(boolean warning, String reason, String message) {}

    public static List<Note> between(SandboxStatus before, SandboxStatus after) {
        var notes = new ArrayList<Note>();
        var from = Phase.parse(before.phase());
        var to = Phase.parse(after.phase());
        var message = after.message() == null ? "" : after.message();
        if (from.isEmpty() && to.equals(Optional.of(Phase.CREATING))) {
            notes.add(new Note(false, "Creating", "the sandbox is being created"));
        }
        stops(before, after, notes);
        blocks(before, after, notes);
        if (after.nextRetryTime() != null && !Objects.equals(before.nextRetryTime(), after.nextRetryTime())) {
            notes.add(new Note(true, "Restarting", message));
        }
        if (after.lastRestartTime() != null && !Objects.equals(before.lastRestartTime(), after.lastRestartTime())) {
            notes.add(new Note(false, "AutoRestarted", "automatic restart " + after.restartCount() + " began"));
        }
        if (isZero(after.restartCount()) && !isZero(before.restartCount()) && isRunning(from) && isRunning(to)) {
            notes.add(new Note(
                    false, "RestartCountReset", "the sandbox is stable, all automatic restarts are available again"));
        }
        harness(before.harness(), after.harness(), notes);
        ports(before.forwardedPorts(), after.forwardedPorts(), notes);
        if (!from.equals(to)) {
            to.ifPresent(phase -> entered(phase, before, after, message, notes));
        }
        return notes;
    }

    /** A stop by the clock: announced, then told with its reason before Stopped is. */
    private static void stops(SandboxStatus before, SandboxStatus after, List<Note> notes) {
        var scheduled = after.scheduledStop();
        if (scheduled != null && before.scheduledStop() == null) {
            notes.add(new Note(
                    false,
                    "StopScheduled",
                    "the sandbox will be stopped at " + scheduled.time() + ": " + scheduled.reason()));
        }
        var stopped = after.stopped();
        if (stopped != null && !Run.isOver(before) && Run.isOver(after) && EVENTS_OF_STOPS.contains(stopped.reason())) {
            notes.add(new Note(false, stopped.reason(), "the sandbox is " + StopPlan.why(stopped)));
        }
    }

    /** Something that people or the cluster have to mend, as it comes up. */
    private static void blocks(SandboxStatus before, SandboxStatus after, List<Note> notes) {
        var ends = !Objects.equals(before.stopped(), after.stopped());
        if (ends || after.nextRetryTime() != null) {
            // Error, Stopped or Restarting says it
            return;
        }
        for (var condition : after.conditions()) {
            var known = Conditions.find(before.conditions(), condition.type());
            var isNew = known.filter(c -> c.reason().equals(condition.reason())).isEmpty();
            var isPlanned = condition.message().startsWith(RunPlan.ENDING);
            if (!condition.holds() && isNew && !isPlanned && BLOCKING.contains(condition.reason())) {
                notes.add(new Note(true, condition.reason(), condition.message()));
            }
        }
    }

    private static void ports(List<ForwardedPort> before, List<ForwardedPort> after, List<Note> notes) {
        for (var port : after) {
            if (before.stream().noneMatch(p -> p.port() == port.port())) {
                var preview = port.previewUrl() == null ? "" : ", preview at " + port.previewUrl();
                notes.add(new Note(
                        false, "PortForwarded", "port " + port.port() + " is at " + port.internalUrl() + preview));
            }
        }
        for (var port : before) {
            if (after.stream().noneMatch(p -> p.port() == port.port())) {
                notes.add(new Note(false, "PortRemoved", "port " + port.port() + " is no longer forwarded"));
            }
        }
    }

    private static void harness(@Nullable HarnessStatus before, @Nullable HarnessStatus after, List<Note> notes) {
        if (after == null || after.equals(before)) {
            return;
        }
        var known = before != null && before.incarnation().equals(after.incarnation()) ? before : null;
        for (var tool : after.tools()) {
            if (!tool.found() && (known == null || !known.tools().contains(tool))) {
                notes.add(new Note(true, "ToolVerificationFailed", "tool " + tool.name() + ": " + tool.message()));
            }
        }
        for (var hook : after.hooks()) {
            if (known == null || !known.hooks().contains(hook)) {
                notes.add(hook(hook));
            }
        }
    }

    static Note hook(HookStatus hook) {
        var failed = !hook.outcome().equals("Succeeded");
        return new Note(failed, "Hook" + hook.outcome(), "hook " + hook.hook() + " " + hook.message());
    }

    private static void entered(
            Phase phase, SandboxStatus before, SandboxStatus after, String message, List<Note> notes) {
        switch (phase) {
            case RUNNING -> running(before, after, notes);
            case STOPPED -> notes.add(new Note(false, "Stopped", message));
            case ERROR ->
                notes.add(new Note(
                        true,
                        after.stopped() != null && after.stopped().reason().equals(StopReason.APPLICATION_EXITED)
                                ? "ApplicationError"
                                : "Error",
                        message));
            case CREATING, DELETING -> {}
        }
    }

    private static void running(SandboxStatus before, SandboxStatus after, List<Note> notes) {
        var isFirst = before.startupDurationMs() == null;
        var took = isFirst ? " after " + after.startupDurationMs() + " ms" : "";
        var resumed = isFirst && after.stopped() != null;
        notes.add(new Note(false, resumed ? "Resumed" : "Running", "the sandbox is ready" + took));
    }

    private static boolean isRunning(Optional<Phase> phase) {
        return phase.equals(Optional.of(Phase.RUNNING));
    }

    private static boolean isZero(@Nullable Integer count) {
        return count == null || count == 0;
    }
}
