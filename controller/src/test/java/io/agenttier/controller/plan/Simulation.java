package io.agenttier.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.PowerState;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxSpec;
import io.agenttier.api.SandboxStatus;
import io.agenttier.api.merge.TemplateChain;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ContainerState;
import io.kubernetes.client.openapi.models.V1ContainerStateTerminated;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimStatus;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodStatus;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.NullUnmarked;

/** One sandbox in a cluster that is nothing but values. Checks with each action what must hold at any time. */
@NullUnmarked
final class Simulation {
    private final Set<String> usedIncarnations = new HashSet<>();
    private int counter;

    /** Told of each status with the one before it. */
    BiConsumer<SandboxStatus, SandboxStatus> statusWritten = (before, after) -> {};

    Sandbox sandbox;
    TemplateChain templates = TemplateChain.NONE;
    Instant now = Fixtures.T0;
    final List<V1Pod> pods = new ArrayList<>();
    final Set<String> secrets = new HashSet<>();
    V1PersistentVolumeClaim claim;
    V1NetworkPolicy policy;
    V1NetworkPolicy defaultDeny;
    V1ServiceAccount account;
    final Map<String, V1Service> portServices = new HashMap<>();
    final Map<String, V1Ingress> portIngresses = new HashMap<>();
    ClusterSettings settings = Fixtures.SETTINGS;
    Map<String, String> marks = Map.of();
    UseReport report = UseReport.NONE;
    boolean deleted;
    Set<String> silentNodes = Set.of();
    Set<String> lostNodes = Set.of();
    Map<ServiceName, BackedService> services = Map.of();
    final Map<String, Map<PodQuestion, PodAnswer>> answers = new HashMap<>();

    /** How the daemon answers; null for not at all. */
    Function<PodQuestion, PodAnswer> daemon = question -> switch (question) {
        case PodQuestion.Tell _, PodQuestion.CallOff _ -> new PodAnswer.Told();
        case PodQuestion.Run _, PodQuestion.Look _ -> null;
    };

    /** All that was asked, in order. */
    final List<PodQuestion> asked = new ArrayList<>();

    Simulation(SandboxSpec spec) {
        sandbox = Fixtures.sandbox(spec, null);
    }

    World world() {
        var status = sandbox.statusOrEmpty();
        var needs = Needs.of(sandbox, templates, pods, policy, false, settings);
        var world = new World(
                        sandbox,
                        templates,
                        pods,
                        claim,
                        policy,
                        account,
                        defaultDeny,
                        needs.secret() && secrets.contains(status.incarnation()),
                        false,
                        false,
                        false,
                        Injection.IMAGE_VOLUME,
                        silentNodes,
                        null,
                        answers)
                .without(lostNodes)
                .serving(services)
                .forwarding(new PortObjects(portServices, portIngresses));
        return LifetimePlan.asksForUse(world, now, settings).isPresent() ? world.used(report) : world;
    }

    /** Makes a plan and carries it out, but stops as in a crash after {@code writes} writes. True if there is nothing left to do. */
    boolean reconcile(int writes) {
        var left = writes;
        while (true) {
            var plan = SandboxPlan.of(world(), now, String.format("%08x", ++counter), settings);
            var changed = !plan.status().equals(sandbox.statusOrEmpty());
            if (changed) {
                if (left-- == 0) {
                    return false;
                }
                status(plan.status());
            }
            for (var stage : plan.stages()) {
                for (var action : stage) {
                    if (left-- == 0) {
                        return false;
                    }
                    apply(action);
                }
            }
            if (!plan.atOnce()) {
                return !changed && plan.stages().isEmpty();
            }
        }
    }

    /** Reconciles without crashes and lets the cluster do its part, until nothing changes any more. */
    void settle() {
        for (var round = 0; round < 50; round++) {
            var atRest = reconcile(Integer.MAX_VALUE);
            var changed = clusterMoves();
            if (atRest && !changed) {
                return;
            }
        }
        throw new AssertionError("not at rest after 50 rounds: " + sandbox.status());
    }

    /** Lets time pass as far as the next automatic restart. */
    void passRetryWait() {
        var next = sandbox.statusOrEmpty().nextRetryTime();
        now = next == null ? now.plusSeconds(1) : next.toInstant();
    }

    /** Kubelet, scheduler, provisioner and garbage collector take a step. True if anything changed. */
    boolean clusterMoves() {
        now = now.plus(Duration.ofSeconds(5));
        var changed = pods.removeIf(p -> p.getMetadata().getDeletionTimestamp() != null);
        for (var pod : pods) {
            if (pod.getStatus() == null) {
                pod.getSpec().nodeName("node1");
                pod.status(new V1PodStatus()
                        .phase("Running")
                        .podIP("192.0.2.1")
                        .addConditionsItem(new V1PodCondition().type("Ready").status("True")));
                changed = true;
            }
        }
        if (claim != null && claim.getStatus() == null) {
            claim.status(new V1PersistentVolumeClaimStatus()
                    .phase("Bound")
                    .capacity(Map.copyOf(claim.getSpec().getResources().getRequests())));
            claim.getMetadata().resourceVersion("1");
            changed = true;
        }
        return changed;
    }

    /** Container sandbox of every pod ends. */
    void end(int code, String reason, String terminationMessage) {
        for (var pod : pods) {
            pod.status(new V1PodStatus()
                    .phase("Failed")
                    .addContainerStatusesItem(new V1ContainerStatus()
                            .name(Names.CONTAINER)
                            .state(new V1ContainerState()
                                    .terminated(new V1ContainerStateTerminated()
                                            .exitCode(code)
                                            .reason(reason)
                                            .message(terminationMessage)))));
        }
    }

    void power(PowerState state) {
        var json = JSON.getGson().toJsonTree(sandbox.spec()).getAsJsonObject();
        json.addProperty("powerState", state.wire());
        json.remove("startRequestedAt");
        if (state == PowerState.RUNNING) {
            json.addProperty("startRequestedAt", now.plusSeconds(1).toString());
        }
        now = now.plusSeconds(2);
        spec(Fixtures.spec(json.toString()));
    }

    void spec(SandboxSpec spec) {
        sandbox = new Sandbox(sandbox.apiVersion(), sandbox.kind(), Fixtures.metadata(marks), spec, sandbox.status());
    }

    void status(SandboxStatus status) {
        statusWritten.accept(sandbox.statusOrEmpty(), status);
        sandbox = new Sandbox(sandbox.apiVersion(), sandbox.kind(), sandbox.metadata(), sandbox.spec(), status);
    }

    private void apply(Action action) {
        switch (action) {
            case Action.Create(ResourceKind _, V1Pod pod) -> create(pod);
            case Action.Create(ResourceKind _, V1NetworkPolicy p) -> put(p);
            case Action.Create(ResourceKind _, V1PersistentVolumeClaim c) -> claim = claim == null ? c : claim;
            case Action.Create(ResourceKind _, V1ServiceAccount a) -> account = a;
            case Action.Create(ResourceKind _, V1Service s) -> portServices.put(created(s), s);
            case Action.Create(ResourceKind _, V1Ingress i) -> portIngresses.put(created(i), i);
            case Action.Create c -> throw new AssertionError("unexpected " + c);
            case Action.Repair(ResourceKind _, V1NetworkPolicy p, String _) -> put(p);
            case Action.Repair(ResourceKind _, V1Service s, String _) ->
                portServices.put(s.getMetadata().getName(), s);
            case Action.Repair(ResourceKind _, V1Ingress i, String _) ->
                portIngresses.put(i.getMetadata().getName(), i);
            case Action.Repair r -> throw new AssertionError("unexpected " + r);
            case Action.CreateSecret s -> {
                assertThat(s.startPlan()).contains("\"incarnation\":\"" + s.incarnation() + "\"");
                secrets.add(s.incarnation());
            }
            case Action.DeleteSecret d -> secrets.remove(d.incarnation());
            case Action.Delete(ResourceKind kind, String name, String _) ->
                (kind == ResourceKind.SERVICE ? portServices : portIngresses).remove(name);
            case Action.DeletePod d -> delete(d);
            case Action.Ask a -> ask(a);
            case Action.StopSandbox s -> {
                marks = s.mark().isEmpty() ? Map.of() : Map.of(AutomaticStop.ANNOTATION, s.mark());
                var json = JSON.getGson().toJsonTree(sandbox.spec()).getAsJsonObject();
                json.addProperty("powerState", "Stopped");
                json.remove("startRequestedAt");
                spec(Fixtures.spec(json.toString()));
            }
            case Action.DeleteSandbox _ -> deleted = true;
            case Action.ForceDeletePod d ->
                pods.removeIf(p -> p.getMetadata().getUid().equals(d.uid()));
            case Action.GrowClaim g ->
                claim.getSpec().getResources().putRequestsItem("storage", new Quantity(g.size()));
        }
    }

    private static String created(KubernetesObject object) {
        object.getMetadata().uid("uid-" + object.getMetadata().getName()).resourceVersion("1");
        return object.getMetadata().getName();
    }

    private void ask(Action.Ask ask) {
        asked.add(ask.question());
        var answer = daemon.apply(ask.question());
        if (answer != null) {
            answers.computeIfAbsent(ask.podUid(), _ -> new HashMap<>()).put(ask.question(), answer);
        }
    }

    private void put(V1NetworkPolicy wanted) {
        wanted.getMetadata().resourceVersion("1");
        if (wanted.getMetadata().getName().equals(Names.DEFAULT_DENY)) {
            defaultDeny = wanted;
        } else {
            policy = wanted;
        }
    }

    private void create(V1Pod pod) {
        var incarnation = pod.getMetadata().getLabels().get(Labels.INCARNATION);
        if (pods.stream()
                .anyMatch(
                        p -> p.getMetadata().getName().equals(pod.getMetadata().getName()))) {
            return;
        }
        assertThat(defaultDeny)
                .as("the namespace is closed before a pod exists")
                .isNotNull();
        assertThat(policy).as("the policy stands before the pod").isNotNull();
        assertThat(secrets).as("the Secret stands before the pod").contains(incarnation);
        assertThat(pods).as("no two pods share the workspace").isEmpty();
        assertThat(usedIncarnations.add(incarnation))
                .as("each pod has an incarnation of its own")
                .isTrue();
        pod.getMetadata().uid("pod-" + incarnation).creationTimestamp(now.atOffset(ZoneOffset.UTC));
        pods.add(pod);
    }

    private void delete(Action.DeletePod delete) {
        for (var pod : pods) {
            if (pod.getMetadata().getUid().equals(delete.uid())) {
                pod.getMetadata().deletionTimestamp(now.plusSeconds(30).atOffset(ZoneOffset.UTC));
            }
        }
    }
}
