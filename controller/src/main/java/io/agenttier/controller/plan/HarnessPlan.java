package io.agenttier.controller.plan;

import io.agenttier.api.GoDuration;
import io.agenttier.api.HarnessStatus;
import io.agenttier.api.HookStatus;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.ScheduledStop;
import io.agenttier.api.StopReason;
import io.agenttier.api.ToolStatus;
import io.agenttier.controller.sandboxd.Hook;
import io.agenttier.controller.sandboxd.HookResult;
import io.agenttier.controller.sandboxd.Report;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tools and hooks of a pod that is ready. Results stand in status once; an answer that was lost with an earlier controller is asked for again,
 * and sandboxd runs nothing twice. Neither a tool nor a hook that failed changes the phase.
 */
final class HarnessPlan {
    /** Beyond the hook's own limit: the time that its end takes to be known. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    private static final String START = "start";
    private static final int MESSAGE_MAX = 1000;

    private HarnessPlan() {}

    /** The pod is ready: what its tools came to, and the hooks that are due. */
    static void onReady(V1Pod pod, Draft draft, Inquiry inquiry, Instant now) {
        var has = PodHarness.of(pod);
        var incarnation = PodSet.incarnation(pod);
        var old = draft.fields().build();
        var first = old.firstIncarnation() == null ? incarnation : old.firstIncarnation();
        draft.fields().firstIncarnation(first);
        if (has.isEmpty()) {
            draft.fields().harness(null);
            return;
        }
        var status = of(old, incarnation);
        if (has.tools() && status.tools().isEmpty()) {
            status = withTools(status, inquiry.ask(new PodQuestion.Look(START)).orElse(null));
        }
        for (var hook : due(has, incarnation.equals(first), old.scheduledStop())) {
            status = run(status, hook, inquiry, now);
        }
        draft.fields().harness(status);
    }

    /**
     * A stop is under way, which began at {@code since}: the hook before it.
     *
     * @return whether the pod may go: the hook has ended, failed, or had its time
     */
    static boolean beforeStop(V1Pod pod, Instant since, Duration limit, Draft draft, Inquiry inquiry, Instant now) {
        var hook = Hook.once(Hook.Kind.ON_STOP);
        if (!PodHarness.of(pod).hooks().contains(hook.kind())) {
            return true;
        }
        var status = run(of(draft.fields().build(), PodSet.incarnation(pod)), hook, inquiry, now);
        var until = since.plus(limit).plus(MARGIN);
        if (find(status, hook).isEmpty() && !now.isBefore(until)) {
            status = with(
                    status,
                    ended(hook, HookResult.Outcome.TIMED_OUT, "has not ended within " + GoDuration.format(limit), now));
        }
        draft.fields().harness(status);
        if (find(status, hook).isPresent()) {
            return true;
        }
        inquiry.lookAgainAt(until);
        return false;
    }

    /**
     * {@code plan} with what pods that have ended say of the hook onStop: sandboxd runs it by itself when nobody asked for it, as when the pod was
     * deleted or evicted, or its command ended.
     */
    static Plan withLastHooks(World world, Plan plan, Instant now) {
        var status = plan.status();
        var present = status.harness();
        var incarnation = present == null ? status.incarnation() : present.incarnation();
        if (incarnation == null) {
            return plan;
        }
        for (var pod : world.pods()) {
            var result = PodObservation.lastHook(pod);
            if (result.isEmpty() || !PodSet.incarnation(pod).equals(incarnation)) {
                continue;
            }
            var harness = of(status, incarnation);
            if (find(harness, Hook.once(Hook.Kind.ON_STOP)).isEmpty()) {
                var told = status.toDraft()
                        .harness(with(harness, lastHook(result.get(), now)))
                        .build();
                return new Plan(told, plan.stages(), plan.atOnce(), plan.again());
            }
        }
        return plan;
    }

    static HookStatus lastHook(HookResult result, Instant now) {
        return ended(Hook.once(Hook.Kind.ON_STOP), result.outcome(), result.message(), now);
    }

    /** What people are told beside that the sandbox is ready; empty when all tools are there. */
    static String problems(@Nullable HarnessStatus status) {
        var text = new StringBuilder();
        for (var tool : status == null ? List.<ToolStatus>of() : status.tools()) {
            if (!tool.found()) {
                text.append("; tool ")
                        .append(tool.name())
                        .append(" is not there: ")
                        .append(tool.message());
            }
        }
        return text.toString();
    }

    private static List<Hook> due(PodHarness has, boolean first, @Nullable ScheduledStop stop) {
        var due = new ArrayList<Hook>();
        due.add(Hook.once(first ? Hook.Kind.ON_START : Hook.Kind.ON_RESUME));
        if (stop != null && stop.time() != null && stop.reason().equals(StopReason.IDLE_TIMEOUT)) {
            due.add(new Hook(
                    Hook.Kind.ON_IDLE, Long.toString(stop.time().toInstant().toEpochMilli())));
        }
        due.removeIf(hook -> !has.hooks().contains(hook.kind()));
        return due;
    }

    private static HarnessStatus of(SandboxStatus status, String incarnation) {
        var present = status.harness();
        return present != null && present.incarnation().equals(incarnation)
                ? present
                : new HarnessStatus(incarnation, List.of(), List.of());
    }

    private static HarnessStatus withTools(HarnessStatus status, @Nullable PodAnswer answer) {
        return switch (answer) {
            case PodAnswer.Seen seen
            when seen.report().ready() ->
                new HarnessStatus(
                        status.incarnation(),
                        seen.report().tools().stream().map(HarnessPlan::tool).toList(),
                        status.hooks());
            case null, default -> status;
        };
    }

    private static ToolStatus tool(Report.Tool tool) {
        return new ToolStatus(tool.name(), tool.ok(), tool.ok() ? null : shorten(tool.message()));
    }

    private static HarnessStatus run(HarnessStatus status, Hook hook, Inquiry inquiry, Instant now) {
        if (find(status, hook).isPresent()) {
            return status;
        }
        return inquiry.ask(new PodQuestion.Run(hook))
                .map(answer -> with(status, ended(hook, answer, now)))
                .orElse(status);
    }

    private static HookStatus ended(Hook hook, PodAnswer answer, Instant now) {
        return switch (answer) {
            case PodAnswer.Ran(HookResult result) -> ended(hook, result.outcome(), result.message(), now);
            case PodAnswer.Failed f -> ended(hook, HookResult.Outcome.FAILED, "could not be run: " + f.why(), now);
            case PodAnswer.Seen _, PodAnswer.Told _ ->
                throw new IllegalStateException("another answer than that of a hook");
        };
    }

    private static HookStatus ended(Hook hook, HookResult.Outcome outcome, String message, Instant now) {
        var word = switch (outcome) {
            case SUCCEEDED, ABSENT -> "Succeeded";
            case FAILED -> "Failed";
            case TIMED_OUT -> "TimedOut";
        };
        return new HookStatus(
                hook.kind().wire(),
                hook.occurrence().isEmpty() ? null : hook.occurrence(),
                word,
                shorten(message),
                Draft.time(now));
    }

    private static Optional<HookStatus> find(HarnessStatus status, Hook hook) {
        return status.hooks().stream()
                .filter(h -> h.hook().equals(hook.kind().wire()))
                .filter(h -> Objects.requireNonNullElse(h.occurrence(), "").equals(hook.occurrence()))
                .findFirst();
    }

    /** The last run of each kind is enough: sandboxd knows the others. */
    private static HarnessStatus with(HarnessStatus status, HookStatus hook) {
        var hooks = new ArrayList<>(status.hooks());
        hooks.removeIf(h -> h.hook().equals(hook.hook()));
        hooks.add(hook);
        return new HarnessStatus(status.incarnation(), status.tools(), hooks);
    }

    private static String shorten(String text) {
        return text.length() <= MESSAGE_MAX ? text : text.substring(0, MESSAGE_MAX);
    }
}
