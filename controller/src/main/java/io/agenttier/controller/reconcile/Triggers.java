package io.agenttier.controller.reconcile;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.agenttier.api.TemplateKind;
import io.agenttier.api.merge.TemplateName;
import io.agenttier.controller.kube.Caches;
import io.agenttier.controller.kube.SandboxObject;
import io.agenttier.controller.kube.UnreadableSpec;
import io.agenttier.controller.plan.ResourceKind;
import io.agenttier.controller.plan.ServiceName;
import io.agenttier.controller.telemetry.Metrics;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1Node;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Which changes in the cluster concern which sandboxes. */
public final class Triggers {
    private final Caches caches;
    private final Recent recent;
    private final Metrics metrics;
    private final ServiceUses services;
    private final Consumer<Key> wake;
    private final Map<String, Boolean> answering = new ConcurrentHashMap<>();

    /** @param wake called with each sandbox to look at, from threads of the informers: must not block */
    Triggers(Caches caches, Recent recent, Metrics metrics, ServiceUses services, Consumer<Key> wake) {
        this.caches = caches;
        this.recent = recent;
        this.metrics = metrics;
        this.services = services;
        this.wake = wake;
    }

    /** Registers the handlers; once, before the caches start. */
    public void register() {
        caches.sandboxes().onChange(this::sandbox);
        caches.pods().onChange(pod -> child(ResourceKind.POD, pod));
        caches.claims().onChange(claim -> child(ResourceKind.VOLUME_CLAIM, claim));
        caches.accounts().onChange(account -> child(ResourceKind.SERVICE_ACCOUNT, account));
        caches.policies().onChange(this::policy);
        caches.templates().onChange(t -> template(new TemplateName(TemplateKind.NAMESPACED, namespace(t), name(t))));
        caches.clusterTemplates().onChange(t -> template(new TemplateName(TemplateKind.CLUSTER, "", name(t))));
        caches.nodes().onChange(this::node);
        caches.services().onChange(this::service);
        caches.ingresses().onChange(ingress -> child(ResourceKind.INGRESS, ingress));
        caches.slices().onChange(slice -> users(ServiceReader.serviceOf(slice)));
    }

    private void sandbox(SandboxObject object) {
        var uid = text(object.getMetadata().getUid());
        var present = caches.sandboxes().get(namespace(object), name(object));
        if (present == null || !uid.equals(present.getMetadata().getUid())) {
            metrics.sandboxGone(uid);
            if (present == null) {
                services.of(new Key(namespace(object), name(object)), Set.of());
            }
        } else {
            var status = present.status();
            metrics.sandbox(uid, status.phase(), status.mode());
        }
        wake.accept(new Key(namespace(object), name(object)));
    }

    private void child(ResourceKind kind, KubernetesObject object) {
        recent.seen(kind, namespace(object), name(object));
        var labels = object.getMetadata().getLabels();
        var sandbox = labels == null ? null : labels.get(Labels.SANDBOX);
        if (sandbox != null) {
            wake.accept(new Key(namespace(object), sandbox));
        }
    }

    private void policy(KubernetesObject policy) {
        if (!name(policy).equals(Names.DEFAULT_DENY)) {
            child(ResourceKind.NETWORK_POLICY, policy);
            return;
        }
        recent.seen(ResourceKind.NETWORK_POLICY, namespace(policy), name(policy));
        var inNamespace = caches.sandboxes().inNamespace(namespace(policy));
        inNamespace.forEach(s -> wake.accept(new Key(namespace(s), name(s))));
        if (inNamespace.isEmpty()) {
            wake.accept(new Key(namespace(policy), ""));
        }
    }

    /** Also those that wait for it: a chain names the first of its templates that is missing. */
    private void template(TemplateName changed) {
        for (var object : caches.sandboxes().all()) {
            if (dependsOn(object, changed)) {
                wake.accept(new Key(namespace(object), name(object)));
            }
        }
    }

    /** Whoever owns it: another's may be in the way of a port's. */
    private void service(KubernetesObject service) {
        recent.seen(ResourceKind.SERVICE, namespace(service), name(service));
        Names.sandboxOfPortName(name(service))
                .filter(sandbox -> caches.sandboxes().get(namespace(service), sandbox) != null)
                .ifPresent(sandbox -> wake.accept(new Key(namespace(service), sandbox)));
        users(new ServiceName(namespace(service), name(service)));
    }

    private void users(ServiceName changed) {
        services.usersOf(changed).forEach(wake);
    }

    private boolean dependsOn(SandboxObject object, TemplateName changed) {
        try {
            return CachedTemplates.of(object.toSandbox(), caches).dependsOn(changed);
        } catch (UnreadableSpec e) {
            return false;
        }
    }

    /** Nodes tell of themselves all the time; only whether they answer concerns their pods. */
    private void node(V1Node node) {
        var answers = Nodes.answers(node);
        if (Objects.equals(answering.put(Nodes.name(node), answers), answers)) {
            return;
        }
        for (var pod : caches.pods().all()) {
            if (pod.getSpec() != null && Nodes.name(node).equals(pod.getSpec().getNodeName())) {
                child(ResourceKind.POD, pod);
            }
        }
    }

    private static String namespace(KubernetesObject object) {
        return text(object.getMetadata().getNamespace());
    }

    private static String name(KubernetesObject object) {
        return text(object.getMetadata().getName());
    }

    private static String text(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text;
    }
}
