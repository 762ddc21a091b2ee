package io.agenttier.controller.reconcile;

import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.controller.kube.EventSink;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.SandboxApi;
import io.agenttier.controller.kube.Written;
import io.agenttier.controller.plan.Action;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.Transitions;
import io.kubernetes.client.common.KubernetesObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Carries out the stages of a plan: one after the other, the actions of one at the same time. A stage that failed is the last. */
final class Stages {
    private final ObjectApi api;
    private final SandboxApi sandboxes;
    private final CreateStep create;
    private final SecretStep secret;
    private final DeleteStep delete;
    private final PodCalls calls;
    private final Recent recent;
    private final EventSink events;
    private final ExecutorService threads;

    /** @param threads one thread a task, such as virtual ones */
    Stages(
            ObjectApi api,
            SandboxApi sandboxes,
            CreateStep create,
            SecretStep secret,
            DeleteStep delete,
            PodCalls calls,
            Recent recent,
            EventSink events,
            ExecutorService threads) {
        this.api = api;
        this.sandboxes = sandboxes;
        this.create = create;
        this.secret = secret;
        this.delete = delete;
        this.calls = calls;
        this.recent = recent;
        this.events = events;
        this.threads = threads;
    }

    /**
     * @param isFresh whether the server said a moment ago that the sandbox is what the plan rests on; else it is asked before anything of a start is
     *     deleted, since a cache that lags would show what another process has just made as left over
     */
    StepResult run(Sandbox sandbox, List<List<Action>> stages, boolean isFresh) {
        if (!isFresh && stages.stream().flatMap(List::stream).anyMatch(Stages::ends) && hasChanged(sandbox)) {
            return new StepResult.Later("the sandbox changed meanwhile");
        }
        if (secret.withdraw(sandbox) instanceof StepResult.Later later) {
            return later;
        }
        for (var stage : stages) {
            for (var result : stage.size() == 1 ? List.of(run(sandbox, stage.getFirst())) : together(sandbox, stage)) {
                if (!(result instanceof StepResult.Done)) {
                    return result;
                }
            }
        }
        return StepResult.DONE;
    }

    private static boolean ends(Action action) {
        return action instanceof Action.DeletePod
                || action instanceof Action.ForceDeletePod
                || action instanceof Action.DeleteSecret
                || action instanceof Action.Delete;
    }

    private boolean hasChanged(Sandbox sandbox) {
        var metadata = sandbox.metadata();
        var live = api.metadata(ResourceKind.SANDBOX, metadata.namespace(), metadata.name());
        return live == null || !metadata.resourceVersion().equals(live.getResourceVersion());
    }

    private List<StepResult> together(Sandbox sandbox, List<Action> stage) {
        var running = new ArrayList<Future<StepResult>>();
        for (var action : stage) {
            Callable<StepResult> task = () -> run(sandbox, action);
            running.add(threads.submit(task));
        }
        var results = new ArrayList<StepResult>();
        RuntimeException failure = null;
        for (var future : running) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                var cause =
                        e.getCause() instanceof RuntimeException r ? r : new IllegalStateException("a step failed", e);
                if (failure == null) {
                    failure = cause;
                } else {
                    failure.addSuppressed(cause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted between steps", e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    private StepResult run(Sandbox sandbox, Action action) {
        var namespace = sandbox.metadata().namespace();
        return switch (action) {
            case Action.Create c -> create(sandbox, c);
            case Action.CreateSecret s -> secret.create(sandbox, s);
            case Action.DeleteSecret d -> secret.delete(sandbox, d.incarnation());
            case Action.DeletePod d -> delete.run(sandbox, ResourceKind.POD, d.name(), d.uid());
            case Action.Delete d -> delete.run(sandbox, d.kind(), d.name(), d.uid());
            case Action.ForceDeletePod d -> delete.now(sandbox, d.name(), d.uid());
            case Action.Repair r ->
                api.repair(r.kind(), namespace, r.object(), r.resourceVersion())
                        .map(refusal -> CreateStep.refused(r.kind(), name(r.object()), refusal))
                        .orElse(StepResult.DONE);
            case Action.GrowClaim g ->
                api.growClaim(namespace, g.name(), g.resourceVersion(), g.size())
                        .map(refusal -> CreateStep.refused(ResourceKind.VOLUME_CLAIM, g.name(), refusal))
                        .orElse(StepResult.DONE);
            case Action.Ask ask -> {
                calls.ask(new Key(namespace, sandbox.metadata().name()), ask);
                yield StepResult.DONE;
            }
            case Action.StopSandbox s -> stop(sandbox, s.mark());
            case Action.DeleteSandbox d -> delete(sandbox, d.why());
        };
    }

    private StepResult create(Sandbox sandbox, Action.Create wanted) {
        var result = create.run(sandbox, wanted.kind(), wanted.object(), incarnation(wanted.object()));
        if (wanted.kind() == ResourceKind.POD && result instanceof StepResult.Done) {
            secret.claimed(sandbox);
        }
        return result;
    }

    private StepResult delete(Sandbox sandbox, String why) {
        var refusal = sandboxes.delete(sandbox);
        if (refusal.isEmpty()) {
            events.add(sandbox, new Transitions.Note(false, "Deleted", why));
            return StepResult.DONE;
        }
        return refusal.get().notFound()
                ? StepResult.DONE
                : new StepResult.Later(
                        "the sandbox was not deleted: " + refusal.get().message());
    }

    private StepResult stop(Sandbox sandbox, String mark) {
        return switch (sandboxes.stop(sandbox, mark)) {
            case Written.Done d -> {
                recent.written(d.sandbox());
                yield StepResult.DONE;
            }
            case Written.Refused r ->
                new StepResult.Later(
                        "powerState was not written: " + r.refusal().message());
        };
    }

    private static String incarnation(KubernetesObject object) {
        var labels = object.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(Labels.INCARNATION, "");
    }

    private static String name(KubernetesObject object) {
        var name = object.getMetadata().getName();
        return name == null ? "" : name;
    }
}
