package io.agenttier.apiserver.kube;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import io.agenttier.apiserver.resource.News;
import io.agenttier.apiserver.resource.SandboxState;
import io.agenttier.apiserver.resource.Sandboxes;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.informer.ListerWatcher;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.TransformFunc;
import io.kubernetes.client.informer.impl.DefaultSharedIndexInformer;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.Watchable;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.KubernetesApiResponse;
import io.kubernetes.client.util.generic.options.ListOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sandboxes and their pods: two informers for what is served, live reads for what is refused. */
public final class SandboxStore implements Sandboxes, AutoCloseable {
    private static final String BY_OWNER = "owner";
    private static final String ALL_MANAGED = Labels.MANAGED + "=" + Labels.TRUE;
    /** The informers begin anew by themselves; a periodic replay from their own cache would mend nothing. */
    private static final long NO_RESYNC = 0;

    private record Key(String namespace, String name) {}

    private final GenericKubernetesApi<SandboxObject, SandboxObjectList> sandboxApi;
    private final GenericKubernetesApi<V1Pod, V1PodList> podApi;
    private final SharedIndexInformer<SandboxObject> sandboxes;
    private final SharedIndexInformer<V1Pod> pods;
    private final Bells bells = new Bells();
    private final FreshReads<Key, Optional<SandboxState>> liveReads = new FreshReads<>(this::read);

    public SandboxStore(KubeConnection kube) {
        this.sandboxApi = sandboxApi(kube.calls());
        this.podApi = podApi(kube.calls());
        this.sandboxes = informer(
                SandboxObject.class,
                sandboxApi(kube.watches()),
                "",
                object -> object instanceof SandboxObject sandbox ? SandboxStates.slim(sandbox) : object);
        this.pods = informer(
                V1Pod.class,
                podApi(kube.watches()),
                ALL_MANAGED,
                object -> object instanceof V1Pod pod ? SandboxStates.slim(pod) : object);
        sandboxes.addEventHandler(new Heard<>(this::changed));
        pods.addEventHandler(new Heard<>(this::changed));
        pods.addIndexers(Map.of(
                BY_OWNER, pod -> SandboxStates.ownerUid(pod).map(List::of).orElse(List.of())));
    }

    /** Begins to list and watch. */
    public void start() {
        sandboxes.run();
        pods.run();
    }

    /** Whether both caches have been filled once. */
    public boolean isLoaded() {
        return sandboxes.hasSynced() && pods.hasSynced();
    }

    @Override
    public void close() {
        sandboxes.stop();
        pods.stop();
    }

    @Override
    public Optional<SandboxState> cached(String namespace, String name) {
        return Optional.ofNullable(sandboxes.getIndexer().getByKey(namespace + "/" + name))
                .map(sandbox -> {
                    var uid = sandbox.getMetadata().getUid();
                    return SandboxStates.of(
                            sandbox, uid == null ? List.of() : pods.getIndexer().byIndex(BY_OWNER, uid));
                });
    }

    /** Whether there is such a sandbox, as far as the cache knows. */
    public boolean knows(String namespace, String name) {
        return sandboxes.getIndexer().getByKey(namespace + "/" + name) != null;
    }

    /** Every sandbox in the cache. */
    List<SandboxObject> cachedObjects() {
        return sandboxes.getIndexer().list();
    }

    /**
     * A sandbox as it is stored now.
     *
     * @throws ApiException 503 if that cannot be told
     */
    Optional<SandboxObject> liveObject(String namespace, String name) {
        try {
            var found = sandboxApi.get(namespace, name);
            return found.getHttpStatusCode() == 404 ? Optional.empty() : Optional.of(required(found));
        } catch (IllegalStateException e) {
            throw unconfirmed();
        }
    }

    @Override
    public Optional<SandboxState> live(String namespace, String name) {
        return liveReads.get(new Key(namespace, name));
    }

    @Override
    public News news(String namespace, String name) {
        return bells.open(namespace, name);
    }

    private void changed(SandboxObject sandbox) {
        var metadata = sandbox.getMetadata();
        bells.ring(text(metadata.getNamespace()), text(metadata.getName()));
    }

    private void changed(V1Pod pod) {
        var metadata = pod.getMetadata();
        if (metadata != null && metadata.getLabels() != null) {
            bells.ring(text(metadata.getNamespace()), text(metadata.getLabels().get(Labels.SANDBOX)));
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private record Heard<T extends KubernetesObject>(Consumer<T> handler) implements ResourceEventHandler<T> {
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

    private Optional<SandboxState> read(Key key) {
        try {
            return ask(key);
        } catch (IllegalStateException e) {
            throw unconfirmed();
        }
    }

    /** How GenericKubernetesApi's IllegalStateException is told: no answer came. */
    static ApiException unconfirmed() {
        return new ApiException(new ApiError.Unavailable(
                "the state of the sandbox cannot be confirmed: kube-apiserver cannot be reached, try again"));
    }

    private Optional<SandboxState> ask(Key key) {
        var stored = liveObject(key.namespace, key.name);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        var sandbox = stored.get();
        var selector = "%s,%s=%s".formatted(ALL_MANAGED, Labels.SANDBOX, key.name);
        var owned = required(podApi.list(key.namespace, new ListOptions().labelSelector(selector)));
        return Optional.of(SandboxStates.of(sandbox, owned.getItems()));
    }

    static <T extends io.kubernetes.client.common.KubernetesType> T required(KubernetesApiResponse<T> response) {
        if (response.isSuccess() && response.getObject() != null) {
            return response.getObject();
        }
        throw new ApiException(new ApiError.Unavailable(
                "the state of the sandbox cannot be confirmed: kube-apiserver answered %d, try again"
                        .formatted(response.getHttpStatusCode())));
    }

    static GenericKubernetesApi<SandboxObject, SandboxObjectList> sandboxApi(ApiClient client) {
        return new GenericKubernetesApi<>(
                SandboxObject.class, SandboxObjectList.class, ApiGroup.GROUP, ApiGroup.VERSION, Sandbox.PLURAL, client);
    }

    private static GenericKubernetesApi<V1Pod, V1PodList> podApi(ApiClient client) {
        return new GenericKubernetesApi<>(V1Pod.class, V1PodList.class, "", "v1", "pods", client);
    }

    private static <T extends KubernetesObject, L extends KubernetesListObject> SharedIndexInformer<T> informer(
            Class<T> type, GenericKubernetesApi<T, L> api, String labelSelector, TransformFunc slim) {
        var source = new ListerWatcher<T, L>() {
            @Override
            public L list(CallGeneratorParams parameters) throws io.kubernetes.client.openapi.ApiException {
                return api.list(options(parameters)).throwsApiException().getObject();
            }

            @Override
            public Watchable<T> watch(CallGeneratorParams parameters) throws io.kubernetes.client.openapi.ApiException {
                return api.watch(options(parameters));
            }

            private ListOptions options(CallGeneratorParams parameters) {
                var options = new ListOptions();
                options.setLabelSelector(labelSelector.isEmpty() ? null : labelSelector);
                options.setResourceVersion(parameters.resourceVersion);
                options.setTimeoutSeconds(parameters.timeoutSeconds);
                return options;
            }
        };
        var informer = new DefaultSharedIndexInformer<T, L>(type, source, NO_RESYNC);
        informer.setTransform(slim);
        return informer;
    }
}
