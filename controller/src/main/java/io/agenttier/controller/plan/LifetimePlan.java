package io.agenttier.controller.plan;

import io.agenttier.api.Condition;
import io.agenttier.api.Conditions;
import io.agenttier.api.Phase;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.ScheduledStop;
import io.agenttier.api.StopReason;
import io.agenttier.controller.sandboxd.Notice;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the clock decides: the end of a run, the end of a sandbox, and what is said about them before. */
public final class LifetimePlan {
    private final World world;
    private final PodSet pods;
    private final Lifetime lifetime;
    private final Instant now;
    private final ClusterSettings settings;

    LifetimePlan(World world, PodSet pods, Instant now, ClusterSettings settings) {
        this.world = world;
        this.pods = pods;
        this.lifetime = Lifetime.of(world, pods.current(), settings);
        this.now = now;
        this.settings = settings;
    }

    /** The pod whose sandboxd has something to decide now: an idle stop is due, or to be announced. */
    public static Optional<V1Pod> asksForUse(World world, Instant now, ClusterSettings settings) {
        var sandbox = world.sandbox();
        if (sandbox.spec().wantedPower() == PowerState.STOPPED
                || sandbox.metadata().beingDeleted()) {
            return Optional.empty();
        }
        var pods = PodSet.of(world, now);
        var plan = new LifetimePlan(world, pods, now, settings);
        var idle = new Lifetime(null, plan.lifetime.idleTimeout(), null, false, null);
        return Deadline.next(idle, plan.facts(sandbox.statusOrEmpty()), settings.autoStopGrace())
                .filter(d -> d.isAnnounced(now))
                .flatMap(_ -> Optional.ofNullable(pods.current()));
    }

    /** The end of the object, if it is due. */
    Optional<Plan> deletion() {
        return deletedAt()
                .filter(at -> !now.isBefore(at))
                .map(_ -> new Plan(
                        world.sandbox().statusOrEmpty(),
                        List.of(List.of(new Action.DeleteSandbox(why()))),
                        false,
                        null));
    }

    /** The end of the run, if it is due. */
    Optional<Plan> stop() {
        var status = world.sandbox().statusOrEmpty();
        return next(status).filter(d -> d.isDue(now)).map(d -> {
            var mark = AutomaticStop.mark(world.sandbox(), d.reason());
            return new Plan(status, List.of(List.of(new Action.StopSandbox(mark))), false, null);
        });
    }

    /** The plan with the next stop announced, or what was announced taken back, and another look when the clock decides next. */
    Plan announce(Plan plan) {
        var next = next(plan.status());
        var shown = next.filter(d -> d.isAnnounced(now) && !Run.isOver(plan.status()));
        var status = shown.map(d -> announced(plan.status(), d))
                .orElseGet(() -> plan.status().toDraft().scheduledStop(null).build());
        var result = new Plan(status, plan.stages(), plan.atOnce(), plan.again());
        if (next.isPresent()) {
            var at = next.get().isAnnounced(now) ? next.get().at() : next.get().announcedAt();
            result = result.lookAgainAfter(Duration.between(now, at));
        }
        return untilDeletion(told(result, shown));
    }

    /** Those who are in the sandbox are told what its status tells: each announcement once, and that it is called off. */
    private Plan told(Plan plan, Optional<Deadline> shown) {
        var pod = pods.current();
        var isReady = Conditions.find(plan.status().conditions(), Conditions.POD_READY)
                .filter(Condition::holds)
                .isPresent();
        if (pod == null || !isReady) {
            return plan;
        }
        var inquiry = new Inquiry(world, pod, now);
        if (shown.isPresent()) {
            var deadline = shown.get();
            var text = "sandbox " + world.sandbox().metadata().name() + " " + sentence(deadline);
            inquiry.ask(new PodQuestion.Tell(new Notice.Stop(deadline.reason(), text, deadline.at())));
        } else {
            announcedBefore(pod).forEach(at -> inquiry.ask(new PodQuestion.CallOff(at)));
        }
        return inquiry.with(plan);
    }

    /** Times still to come of stops that the pod was told of, by this controller or the one before it. */
    private Stream<Instant> announcedBefore(V1Pod pod) {
        var told = world.answers(PodSet.uid(pod)).keySet().stream()
                .filter(PodQuestion.Tell.class::isInstance)
                .map(question -> ((PodQuestion.Tell) question).stop().at());
        var stop = world.sandbox().statusOrEmpty().scheduledStop();
        var recorded = Stream.ofNullable(stop == null ? null : instant(stop.time()));
        return Stream.concat(told, recorded).filter(now::isBefore).distinct();
    }

    /** The plan with another look when the object is to be deleted. */
    Plan untilDeletion(Plan plan) {
        return deletedAt()
                .filter(now::isBefore)
                .map(at -> plan.lookAgainAfter(Duration.between(now, at)))
                .orElse(plan);
    }

    private Optional<Deadline> next(SandboxStatus status) {
        return Deadline.next(lifetime, facts(status), settings.autoStopGrace());
    }

    private Deadline.Facts facts(SandboxStatus status) {
        var runs = !Run.isOver(status);
        var usable = Conditions.find(status.conditions(), Conditions.POD_READY)
                .filter(c -> runs && c.holds())
                .map(Condition::lastTransitionTime)
                .map(OffsetDateTime::toInstant);
        return new Deadline.Facts(
                runs ? instant(status.startedAt()) : null,
                usable.orElse(null),
                Use.of(status, world.report(), now),
                shutdownDone(world.sandbox(), status));
    }

    /** It acts once: on the run that it meets, not on one that was asked for later. */
    private static boolean shutdownDone(Sandbox sandbox, SandboxStatus status) {
        var at = instant(sandbox.spec().shutdownTime());
        if (at == null) {
            return true;
        }
        var stopped = status.stopped() == null ? null : instant(status.stopped().time());
        return (isNotBefore(stopped, at) && !Run.isPhase(status, Phase.ERROR))
                || isNotBefore(instant(sandbox.spec().startRequestedAt()), at)
                || (!Run.isOver(status) && isNotBefore(instant(status.startedAt()), at));
    }

    private Optional<Instant> deletedAt() {
        if (lifetime.deletedAtShutdown() && lifetime.shutdownTime() != null) {
            var stoppedUntil = keptUntil();
            return Optional.of(
                    stoppedUntil.isPresent() && stoppedUntil.get().isBefore(lifetime.shutdownTime())
                            ? stoppedUntil.get()
                            : lifetime.shutdownTime());
        }
        return keptUntil();
    }

    private Optional<Instant> keptUntil() {
        var status = world.sandbox().statusOrEmpty();
        var stopped = status.stopped() == null ? null : instant(status.stopped().time());
        var kept = lifetime.keptAfterStop();
        var isStopped =
                world.sandbox().spec().wantedPower() == PowerState.STOPPED && Run.isPhase(status, Phase.STOPPED);
        return isStopped && stopped != null && kept != null ? Optional.of(stopped.plus(kept)) : Optional.empty();
    }

    private String why() {
        return keptUntil().filter(at -> !now.isBefore(at)).isPresent()
                ? "the sandbox is deleted: it was stopped for spec.ttlSecondsAfterStopped"
                : "the sandbox is deleted: its shutdown time came and spec.shutdownPolicy is Delete";
    }

    private SandboxStatus announced(SandboxStatus status, Deadline deadline) {
        var at = Draft.time(deadline.at());
        var draft = status.toDraft().scheduledStop(new ScheduledStop(at, deadline.reason()));
        var ready = Conditions.find(status.conditions(), Conditions.READY).filter(Condition::holds);
        if (ready.isPresent()) {
            var text = ready.get().message() + "; it " + sentence(deadline)
                    + (deadline.remark().isEmpty() ? "" : "; " + deadline.remark());
            draft.message(text)
                    .conditions(Conditions.with(status.conditions(), ready.get().saying(text)));
        }
        return draft.build();
    }

    private String sentence(Deadline deadline) {
        var isDeleted = lifetime.deletedAtShutdown() && deadline.reason().equals(StopReason.SHUTDOWN_TIME);
        return "will be " + (isDeleted ? "deleted" : "stopped") + " at "
                + Draft.time(deadline.at()).truncatedTo(ChronoUnit.SECONDS) + cause(deadline.reason());
    }

    private static String cause(String reason) {
        return switch (reason) {
            case StopReason.IDLE_TIMEOUT -> ", if nobody uses it until then";
            case StopReason.MAX_RUNTIME_REACHED -> ", its maximum run time";
            default -> ", its shutdown time";
        };
    }

    private static boolean isNotBefore(@Nullable Instant instant, Instant at) {
        return instant != null && !instant.isBefore(at);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }
}
