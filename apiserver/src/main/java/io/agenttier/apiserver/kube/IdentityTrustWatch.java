package io.agenttier.apiserver.kube;

import com.google.gson.reflect.TypeToken;
import io.agenttier.apiserver.auth.IdentityTrust;
import io.agenttier.apiserver.codec.MalformedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.util.Watch;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whom to believe, kept up to date from {@code kube-system/extension-apiserver-authentication}; all of it, header names included. */
public final class IdentityTrustWatch implements Supplier<Optional<IdentityTrust>>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityTrustWatch.class);
    private static final String NAMESPACE = "kube-system";
    private static final String SELECTOR = "metadata.name=extension-apiserver-authentication";

    private final ObjectWatch<V1ConfigMap, V1ConfigMapList> watch;
    private volatile @Nullable IdentityTrust current;

    public IdentityTrustWatch(KubeConnection kube) {
        var lists = new CoreV1Api(kube.calls());
        var watches = new CoreV1Api(kube.watches());
        this.watch = new ObjectWatch<>(
                kube.watches(),
                new ObjectWatch.Calls<V1ConfigMapList>() {
                    @Override
                    public V1ConfigMapList list() throws ApiException {
                        return lists.listNamespacedConfigMap(NAMESPACE)
                                .fieldSelector(SELECTOR)
                                .execute();
                    }

                    @Override
                    public Call watch(String resourceVersion) throws ApiException {
                        return watches.listNamespacedConfigMap(NAMESPACE)
                                .fieldSelector(SELECTOR)
                                .resourceVersion(resourceVersion)
                                .timeoutSeconds(ObjectWatch.WATCH_SECONDS)
                                .watch(true)
                                .buildCall(null);
                    }
                },
                new TypeToken<Watch.Response<V1ConfigMap>>() {},
                "ConfigMap kube-system/extension-apiserver-authentication",
                this::take);
    }

    /** Empty until it was loaded once. */
    @Override
    public Optional<IdentityTrust> get() {
        return Optional.ofNullable(current);
    }

    @Override
    public void close() {
        watch.close();
    }

    private void take(V1ConfigMap map) {
        try {
            current = IdentityTrust.parse(Objects.requireNonNullElse(map.getData(), Map.of()));
        } catch (MalformedException e) {
            LOG.atError()
                    .addKeyValue("cause", e.getMessage())
                    .log("extension-apiserver-authentication cannot be read; the last good one stays in use");
        }
    }
}
