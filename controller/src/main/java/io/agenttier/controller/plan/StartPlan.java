package io.agenttier.controller.plan;

import io.agenttier.api.Conditions;
import io.agenttier.api.Names;
import io.agenttier.api.Phase;
import io.agenttier.api.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * No pod, and Running is wanted. First the incarnation is written to status, then its objects are made under names derived from it, then
 * the pod: so after a crash anywhere everything is found again.
 */
final class StartPlan {
    private StartPlan() {}

    /** @param usedUp whether the incarnation in status belongs to an earlier start */
    static Plan of(World world, PodSet pods, boolean usedUp, Instant now, String fresh, ClusterSettings settings) {
        var status = world.sandbox().statusOrEmpty();
        var needsNew = usedUp || status.incarnation() == null;
        if (needsNew && world.secretLeft()) {
            return Deletions.of(new Draft(world.sandbox(), now).build(), List.of(), true, status.incarnation())
                    .decideAgainAtOnce();
        }
        return switch (Resolution.of(world, settings)) {
            case Resolution.Blocked b -> Blockade.of(world, b, now, settings);
            case Resolution.Resolved r -> {
                var storage = Storage.of(world, r.effective());
                if (storage instanceof Storage.Unusable u) {
                    yield Blockade.of(
                            world,
                            new Resolution.Blocked(Conditions.STORAGE_READY, u.reason(), u.message()),
                            now,
                            settings);
                }
                var isolation = Isolation.of(world, r, settings);
                var blocked = isolation.blocked(world);
                if (blocked.isPresent()) {
                    yield Blockade.of(world, blocked.get(), now, settings);
                }
                if (needsNew) {
                    yield reserve(world, r, storage, pods, isNewAttempt(world), now, fresh);
                }
                yield world.obstacle() == null
                        ? create(world, r, storage, isolation, pods, now, settings)
                        : Blockade.of(world, blocked(world.obstacle()), now, settings);
            }
        };
    }

    /** Not the same start once more, which goes on under another incarnation with all its deadlines. */
    private static boolean isNewAttempt(World world) {
        var status = world.sandbox().statusOrEmpty();
        return Run.isOver(status) || status.startedAt() == null || status.nextRetryTime() != null;
    }

    /**
     * Begins a start: its incarnation, before anything carries it.
     *
     * @param newAttempt whether conditions and times begin anew
     */
    static Plan reserve(
            World world,
            Resolution.Resolved resolved,
            Storage storage,
            PodSet pods,
            boolean newAttempt,
            Instant now,
            String fresh) {
        var draft = new Draft(world.sandbox(), now);
        draft.fields()
                .incarnation(fresh)
                .podName(podName(world, pods, fresh))
                .podUID(null)
                .node(null);
        StatusOf.template(draft, resolved);
        if (newAttempt) {
            beginAnew(draft, world, storage, now);
        }
        return Plan.statusFirst(draft.build());
    }

    private static void beginAnew(Draft draft, World world, Storage storage, Instant now) {
        var status = world.sandbox().statusOrEmpty();
        var isRetry = status.nextRetryTime() != null && !Run.isOver(status);
        storage.show(draft);
        var reason = isRetry ? Reasons.RESTARTING : status.stopped() == null ? Reasons.STARTING : Reasons.RESUMING;
        draft.fails(Conditions.NETWORK_ISOLATED, Reasons.APPLYING, "the policies are written before the pod")
                .fails(Conditions.POD_READY, Reasons.SCHEDULING, "the pod is being made")
                .notReady(reason, "the sandbox starts")
                .phase(Phase.CREATING);
        draft.fields().nextRetryTime(null);
        if (storage instanceof Storage.Absent) {
            // from here on there is no volume that could be missed
            draft.fields().pvcName(null);
        }
        if (isRetry) {
            draft.fields().lastRestartTime(Draft.time(now));
        } else {
            draft.fields()
                    .startedAt(Draft.time(now))
                    .startupDurationMs(null)
                    .restartCount(0)
                    .lastRestartTime(null);
        }
    }

    private static Plan create(
            World world,
            Resolution.Resolved resolved,
            Storage storage,
            Isolation isolation,
            PodSet pods,
            Instant now,
            ClusterSettings settings) {
        var status = world.sandbox().statusOrEmpty();
        var incarnation = status.incarnation() == null ? "" : status.incarnation();
        var start = new Start(
                world.sandbox(),
                resolved.effective(),
                resolved.templateName(),
                incarnation,
                podName(world, pods, incarnation),
                world.injection(),
                world.tokenWanted(),
                settings);
        var draft = new Draft(world.sandbox(), now).phase(Phase.CREATING);
        StatusOf.template(draft, resolved);
        draft.fields().podName(start.podName());
        if (storage instanceof Storage.Ending) {
            storage.show(draft);
            return Plan.status(draft.build()).lookAgainAfter(Duration.ofSeconds(10));
        }
        var first = new ArrayList<>(isolation.repairs());
        if (resolved.effective().spec().serviceAccount() == null && !ownAccount(world)) {
            first.add(new Action.Create(ResourceKind.SERVICE_ACCOUNT, DesiredServiceAccount.of(world.sandbox())));
        }
        first.add(
                new Action.CreateSecret(incarnation, DesiredStartPlan.of(start).toJson()));
        if (storage instanceof Storage.Absent) {
            first.add(new Action.Create(
                    ResourceKind.VOLUME_CLAIM, DesiredClaim.of(world.sandbox(), resolved.effective())));
        }
        // a claim that may not grow keeps nobody from starting on it as it is
        var last = new ArrayList<>(Growth.of(storage, resolved.effective()));
        last.add(new Action.Create(ResourceKind.POD, DesiredPod.of(start)));
        return Plan.of(draft.build(), first, last);
    }

    private static Resolution.Blocked blocked(Obstacle obstacle) {
        return switch (obstacle.kind()) {
            case NETWORK_POLICY ->
                new Resolution.Blocked(Conditions.NETWORK_ISOLATED, Reasons.APPLY_FAILED, obstacle.message());
            case VOLUME_CLAIM ->
                new Resolution.Blocked(
                        Conditions.STORAGE_READY,
                        obstacle.foreign() ? Reasons.CONFLICT : Reasons.PROVISIONING_FAILED,
                        obstacle.message());
            case POD, SECRET, CONFIG_MAP, SERVICE_ACCOUNT, SERVICE, INGRESS, SANDBOX ->
                new Resolution.Blocked(
                        Conditions.POD_READY,
                        obstacle.foreign() ? Reasons.CONFLICT : Reasons.CONFIG_ERROR,
                        obstacle.message());
        };
    }

    private static boolean ownAccount(World world) {
        return world.account() != null
                && Owned.by(world.sandbox(), world.account().getMetadata());
    }

    private static String podName(World world, PodSet pods, String incarnation) {
        var usual = Names.podName(name(world));
        return pods.taken(usual) ? Names.podName(name(world), incarnation) : usual;
    }

    private static String name(World world) {
        return world.sandbox().metadata().name();
    }
}
