package io.agenttier.controller.kube;

import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.informer.ListerWatcher;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.Watchable;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.options.ListOptions;

/** Lists and watches the objects that a label selector selects; the informers of the Java client know no selector themselves. */
final class SelectingLister<T extends KubernetesObject, L extends KubernetesListObject> implements ListerWatcher<T, L> {
    private final GenericKubernetesApi<T, L> api;
    private final String selector;

    /** @param selector empty for all objects */
    SelectingLister(GenericKubernetesApi<T, L> api, String selector) {
        this.api = api;
        this.selector = selector;
    }

    @Override
    public L list(CallGeneratorParams params) throws ApiException {
        return api.list(options(params)).throwsApiException().getObject();
    }

    @Override
    public Watchable<T> watch(CallGeneratorParams params) throws ApiException {
        return api.watch(options(params));
    }

    private ListOptions options(CallGeneratorParams params) {
        var options = new ListOptions();
        options.setResourceVersion(params.resourceVersion);
        options.setTimeoutSeconds(params.timeoutSeconds);
        if (!selector.isEmpty()) {
            options.setLabelSelector(selector);
        }
        return options;
    }
}
