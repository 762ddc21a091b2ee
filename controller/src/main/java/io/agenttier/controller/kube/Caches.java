package io.agenttier.controller.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.ClusterSandboxTemplate;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.api.SandboxTemplate;
import io.agenttier.controller.plan.Owned;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1EndpointSliceList;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1IngressList;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyList;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1NodeList;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimList;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1ServiceAccountList;
import io.kubernetes.client.openapi.models.V1ServiceList;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of the cluster without asking: one informer a kind, each limited to the objects of this program where that is possible. */
public final class Caches implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Caches.class);
    private static final Duration RESYNC = Duration.ofMinutes(5);
    private static final String BY_OWNER = "owner";

    /** A cluster has an EndpointSlice for every few pods; those made from selectors, nearly all, say nothing that the selector does not. */
    private static final String UNSELECTED = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

    /** The informers of the Java client tell nobody when they are filled. */
    private static final long FILL_POLL_MILLIS = 20;

    private final SharedInformerFactory factory;
    private final Index<SandboxObject> sandboxes;
    private final Index<TemplateObject.Namespaced> templates;
    private final Index<TemplateObject.Cluster> clusterTemplates;
    private final Index<V1Pod> pods;
    private final Index<V1PersistentVolumeClaim> claims;
    private final Index<V1NetworkPolicy> policies;
    private final Index<V1ServiceAccount> accounts;
    private final Index<V1Node> nodes;
    private final Index<V1Service> services;
    private final Index<V1EndpointSlice> slices;
    private final Index<V1Ingress> ingresses;

    public Caches(ApiClient client, ExecutorService threads) {
        this.factory = new SharedInformerFactory(client, threads, false);
        var group = ApiGroup.GROUP;
        var version = ApiGroup.VERSION;
        sandboxes = index(client, "", group, version, Sandbox.PLURAL, SandboxObject.class, ObjectLists.Sandboxes.class);
        templates = index(
                client,
                "",
                group,
                version,
                SandboxTemplate.PLURAL,
                TemplateObject.Namespaced.class,
                ObjectLists.Templates.class);
        clusterTemplates = index(
                client,
                "",
                group,
                version,
                ClusterSandboxTemplate.PLURAL,
                TemplateObject.Cluster.class,
                ObjectLists.ClusterTemplates.class);
        pods = index(client, Labels.MANAGED + "=" + Labels.TRUE, "", "v1", "pods", V1Pod.class, V1PodList.class);
        claims = index(
                client,
                Labels.SANDBOX,
                "",
                "v1",
                "persistentvolumeclaims",
                V1PersistentVolumeClaim.class,
                V1PersistentVolumeClaimList.class);
        policies = index(
                client,
                Owned.MANAGED_BY + "=" + Owned.MANAGER,
                "networking.k8s.io",
                "v1",
                "networkpolicies",
                V1NetworkPolicy.class,
                V1NetworkPolicyList.class);
        accounts = index(
                client,
                Labels.SANDBOX,
                "",
                "v1",
                "serviceaccounts",
                V1ServiceAccount.class,
                V1ServiceAccountList.class);
        nodes = index(client, "", "", "v1", "nodes", V1Node.class, V1NodeList.class);
        services = index(client, "", "", "v1", "services", V1Service.class, V1ServiceList.class);
        slices = index(
                client,
                UNSELECTED,
                "discovery.k8s.io",
                "v1",
                "endpointslices",
                V1EndpointSlice.class,
                V1EndpointSliceList.class);
        ingresses = index(
                client,
                Labels.PORT_FORWARD + "=" + Labels.TRUE,
                "networking.k8s.io",
                "v1",
                "ingresses",
                V1Ingress.class,
                V1IngressList.class);
        for (var owned : List.of(pods, services, ingresses)) {
            owned.indexByOwner();
        }
    }

    public Index<SandboxObject> sandboxes() {
        return sandboxes;
    }

    public Index<TemplateObject.Namespaced> templates() {
        return templates;
    }

    public Index<TemplateObject.Cluster> clusterTemplates() {
        return clusterTemplates;
    }

    public Index<V1Pod> pods() {
        return pods;
    }

    public Index<V1PersistentVolumeClaim> claims() {
        return claims;
    }

    public Index<V1NetworkPolicy> policies() {
        return policies;
    }

    public Index<V1ServiceAccount> accounts() {
        return accounts;
    }

    public Index<V1Node> nodes() {
        return nodes;
    }

    public Index<V1Service> services() {
        return services;
    }

    /** Ingresses of ports. */
    public Index<V1Ingress> ingresses() {
        return ingresses;
    }

    /** EndpointSlices that do not come from a Service's selector. */
    public Index<V1EndpointSlice> slices() {
        return slices;
    }

    /** Begins to list and watch; handlers have to be there before. */
    public void start() {
        factory.startAllRegisteredInformers();
    }

    public boolean areFilled() {
        return List.of(
                        sandboxes,
                        templates,
                        clusterTemplates,
                        pods,
                        claims,
                        policies,
                        accounts,
                        nodes,
                        services,
                        slices,
                        ingresses)
                .stream()
                .allMatch(i -> i.informer.hasSynced());
    }

    /** Waits until everything has been listed once. */
    public void awaitFilled() throws InterruptedException {
        while (!areFilled()) {
            TimeUnit.MILLISECONDS.sleep(FILL_POLL_MILLIS);
        }
    }

    @Override
    public void close() {
        factory.stopAllRegisteredInformers(true);
    }

    private <T extends KubernetesObject, L extends KubernetesListObject> Index<T> index(
            ApiClient client,
            String selector,
            String group,
            String version,
            String plural,
            Class<T> type,
            Class<L> listType) {
        var api = new GenericKubernetesApi<>(type, listType, group, version, plural, client);
        SharedIndexInformer<T> informer = factory.sharedIndexInformerFor(
                new SelectingLister<>(api, selector), type, RESYNC.toMillis(), Caches::report);
        informer.setTransform(object -> {
            object.getMetadata().setManagedFields(null);
            return object;
        });
        return new Index<>(informer);
    }

    private static <T> void report(Class<T> type, Throwable failure) {
        LOG.atWarn()
                .addKeyValue("kind", type.getSimpleName())
                .setCause(failure)
                .log("list or watch failed, it starts again");
    }

    /** The cached objects of one kind. */
    public static final class Index<T extends KubernetesObject> {
        private final SharedIndexInformer<T> informer;

        private Index(SharedIndexInformer<T> informer) {
            this.informer = informer;
        }

        public @Nullable T get(String namespace, String name) {
            return informer.getIndexer().getByKey(namespace.isEmpty() ? name : namespace + "/" + name);
        }

        /** Those whose controller owner has {@code uid}; of pods, Services and Ingresses only. */
        public List<T> ownedBy(String uid) {
            return informer.getIndexer().byIndex(BY_OWNER, uid);
        }

        private void indexByOwner() {
            informer.addIndexers(Map.of(
                    BY_OWNER,
                    object -> Owned.controllerOf(object.getMetadata())
                            .map(o -> List.of(o.getUid()))
                            .orElse(List.of())));
        }

        public List<T> all() {
            return informer.getIndexer().list();
        }

        public List<T> inNamespace(String namespace) {
            return informer.getIndexer().byIndex(io.kubernetes.client.informer.cache.Caches.NAMESPACE_INDEX, namespace);
        }

        /** Calls {@code handler} with each object that appears, changes or goes. */
        public void onChange(Consumer<T> handler) {
            informer.addEventHandler(new Changes<>(handler));
        }
    }

    private record Changes<T extends KubernetesObject>(Consumer<T> handler)
            implements io.kubernetes.client.informer.ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            handler.accept(object);
        }

        @Override
        public void onUpdate(T before, T after) {
            handler.accept(after);
        }

        @Override
        public void onDelete(T object, boolean stateUnknown) {
            handler.accept(object);
        }
    }
}
