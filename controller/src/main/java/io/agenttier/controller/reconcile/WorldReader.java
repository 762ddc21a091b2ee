package io.agenttier.controller.reconcile;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.TemplateChain;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.ObjectApi;
import io.agenttier.controller.kube.PodEvents;
import io.agenttier.controller.kube.RightsApi;
import io.agenttier.controller.plan.ClusterSettings;
import io.agenttier.controller.plan.DeclaredPorts;
import io.agenttier.controller.plan.Injection;
import io.agenttier.controller.plan.LifetimePlan;
import io.agenttier.controller.plan.Needs;
import io.agenttier.controller.plan.Owned;
import io.agenttier.controller.plan.PodAnswer;
import io.agenttier.controller.plan.PodQuestion;
import io.agenttier.controller.plan.PodWarning;
import io.agenttier.controller.plan.PortObjects;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.World;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the world of one sandbox: from caches, from what was just written, and live only where a mistake would matter. */
public final class WorldReader {
    private final Caches caches;
    private final Recent recent;
    private final Prepared prepared;
    private final Unclaimed unclaimed;
    private final ObjectApi api;
    private final RightsApi rights;
    private final PodCalls calls;
    private final ClusterSettings settings;
    private final Injection.Choice injection;
    private final UseReader uses;
    private final ServiceReader services;
    private final PodEvents events;

    WorldReader(
            Caches caches,
            Recent recent,
            Prepared prepared,
            Unclaimed unclaimed,
            ObjectApi api,
            RightsApi rights,
            PodCalls calls,
            ClusterSettings settings,
            Injection.Choice injection,
            UseReader uses,
            ServiceReader services,
            PodEvents events) {
        this.caches = caches;
        this.recent = recent;
        this.prepared = prepared;
        this.unclaimed = unclaimed;
        this.api = api;
        this.rights = rights;
        this.calls = calls;
        this.settings = settings;
        this.injection = injection;
        this.uses = uses;
        this.services = services;
        this.events = events;
    }

    /** @param justReserved see {@link Needs#of} */
    World read(Sandbox sandbox, boolean justReserved, Instant now) {
        var world =
                read(sandbox, justReserved).without(Nodes.lost(caches.nodes().all(), now, settings.nodeLossDeadline()));
        return asked(
                world.pods().stream()
                        .filter(pod -> PodWarning.isAwaited(pod, now))
                        .findFirst()
                        .map(pod -> world.warned(events.lastWarning(pod)))
                        .orElse(world),
                now);
    }

    private World asked(World world, Instant now) {
        var metadata = world.sandbox().metadata();
        var key = new Key(metadata.namespace(), metadata.name());
        return LifetimePlan.asksForUse(world, now, settings)
                .map(pod -> world.used(uses.ask(key, pod, incarnation(pod), now)))
                .orElse(world);
    }

    private World read(Sandbox sandbox, boolean justReserved) {
        var namespace = sandbox.metadata().namespace();
        var name = sandbox.metadata().name();
        var templates = CachedTemplates.of(sandbox, caches);
        var pods = pods(sandbox);
        var policy = object(
                caches.policies(),
                ResourceKind.NETWORK_POLICY,
                namespace,
                Names.netpolName(name),
                V1NetworkPolicy.class);
        var needs = Needs.of(sandbox, templates, pods, policy, justReserved, settings);
        if (needs.pod()) {
            livePod(sandbox).ifPresent(pods::add);
        }
        var secret = needs.secret() && (!needs.pod() || pods.isEmpty()) ? secretLeft(sandbox) : null;
        var world = new World(
                sandbox,
                templates,
                pods,
                claim(sandbox),
                policy,
                object(
                        caches.accounts(),
                        ResourceKind.SERVICE_ACCOUNT,
                        namespace,
                        Names.serviceAccountName(name),
                        V1ServiceAccount.class),
                object(
                        caches.policies(),
                        ResourceKind.NETWORK_POLICY,
                        namespace,
                        Names.DEFAULT_DENY,
                        V1NetworkPolicy.class),
                secret != null,
                prepared.has(sandbox),
                needs.runtimeClass() != null && !api.runtimeClassExists(needs.runtimeClass()),
                needs.serviceAccount() != null && wantsToken(namespace, needs.serviceAccount()),
                Injection.decide(injection, caches.nodes().all(), needs.runtimeClass() != null),
                Nodes.silent(caches.nodes().all()),
                null,
                answers(pods));
        var served = world.forwarding(portObjects(sandbox, templates, policy))
                .serving(services.read(new Key(namespace, name), needs.services()));
        var allowed = needs.uses().isEmpty() ? served : served.denying(denied(sandbox, needs.uses()));
        return secret == null || secret.getCreationTimestamp() == null || unclaimed.isOfPresentStart(sandbox)
                ? allowed
                : allowed.withSecretOf(secret.getCreationTimestamp().toInstant());
    }

    private PortObjects portObjects(Sandbox sandbox, TemplateChain templates, @Nullable V1NetworkPolicy policy) {
        var services = new HashMap<String, V1Service>();
        var ingresses = new HashMap<String, V1Ingress>();
        var metadata = sandbox.metadata();
        for (var port : DeclaredPorts.of(sandbox, templates, policy, settings)) {
            var name = Names.portName(metadata.name(), port.port());
            put(services, object(caches.services(), ResourceKind.SERVICE, metadata.namespace(), name, V1Service.class));
            put(
                    ingresses,
                    object(caches.ingresses(), ResourceKind.INGRESS, metadata.namespace(), name, V1Ingress.class));
        }
        caches.services().ownedBy(metadata.uid()).forEach(service -> put(services, service));
        caches.ingresses().ownedBy(metadata.uid()).forEach(ingress -> put(ingresses, ingress));
        return new PortObjects(services, ingresses);
    }

    private static <T extends KubernetesObject> void put(Map<String, T> byName, @Nullable T object) {
        if (object != null && object.getMetadata().getName() != null) {
            byName.put(object.getMetadata().getName(), object);
        }
    }

    private Set<String> denied(Sandbox sandbox, List<String> templates) {
        var creator = sandbox.spec().createdBy();
        return templates.stream().filter(name -> !rights.mayUse(creator, name)).collect(Collectors.toSet());
    }

    private Map<String, Map<PodQuestion, PodAnswer>> answers(List<V1Pod> pods) {
        var byPod = new HashMap<String, Map<PodQuestion, PodAnswer>>();
        for (var pod : pods) {
            byPod.put(uid(pod), calls.answers(uid(pod)));
        }
        return byPod;
    }

    private List<V1Pod> pods(Sandbox sandbox) {
        var pods = new ArrayList<>(caches.pods().ownedBy(sandbox.metadata().uid()));
        var status = sandbox.statusOrEmpty();
        if (status.podName() != null) {
            recent.object(ResourceKind.POD, sandbox.metadata().namespace(), status.podName(), V1Pod.class)
                    .filter(p -> Owned.by(sandbox, p.getMetadata()))
                    .filter(p -> pods.stream().noneMatch(known -> uid(known).equals(uid(p))))
                    .ifPresent(pods::add);
        }
        return pods;
    }

    /** A pod that the caches do not show may be a lagging cache; only the server knows that it is gone. */
    private Optional<V1Pod> livePod(Sandbox sandbox) {
        var status = sandbox.statusOrEmpty();
        var name = status.podName() == null ? "" : status.podName();
        return Optional.ofNullable(api.pod(sandbox.metadata().namespace(), name))
                .filter(p -> Owned.by(sandbox, p.getMetadata()))
                .filter(p -> incarnation(p).equals(status.incarnation()));
    }

    private @Nullable V1PersistentVolumeClaim claim(Sandbox sandbox) {
        var namespace = sandbox.metadata().namespace();
        var name = Names.pvcName(sandbox.metadata().name());
        var known = object(caches.claims(), ResourceKind.VOLUME_CLAIM, namespace, name, V1PersistentVolumeClaim.class);
        if (known != null || sandbox.statusOrEmpty().pvcName() == null) {
            return known;
        }
        return api.get(ResourceKind.VOLUME_CLAIM, namespace, name, V1PersistentVolumeClaim.class);
    }

    private @Nullable V1ObjectMeta secretLeft(Sandbox sandbox) {
        var incarnation = sandbox.statusOrEmpty().incarnation();
        if (incarnation == null) {
            return null;
        }
        var name = Names.secretName(sandbox.metadata().name(), incarnation);
        var found = api.metadata(ResourceKind.SECRET, sandbox.metadata().namespace(), name);
        return Owned.by(sandbox, found) ? found : null;
    }

    private boolean wantsToken(String namespace, String name) {
        var account = api.serviceAccount(namespace, name);
        return account != null && Boolean.TRUE.equals(account.getAutomountServiceAccountToken());
    }

    private <T extends KubernetesObject> @Nullable T object(
            Caches.Index<T> cache, ResourceKind kind, String namespace, String name, Class<T> type) {
        var cached = cache.get(namespace, name);
        return cached != null
                ? cached
                : recent.object(kind, namespace, name, type).orElse(null);
    }

    private static String incarnation(V1Pod pod) {
        var labels = pod.getMetadata() == null ? null : pod.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(Labels.INCARNATION, "");
    }

    private static String uid(V1Pod pod) {
        var metadata = pod.getMetadata();
        return metadata == null || metadata.getUid() == null ? "" : metadata.getUid();
    }
}
