package io.agenttier.api.merge;

import io.agenttier.api.Network;
import io.agenttier.api.Quantity;
import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the defaults of the cluster fill what no layer set. */
final class Defaults {
    static final Storage NO_STORAGE = new Storage(null, null, null, null, null, null);
    static final Network NO_NETWORK = new Network(null, List.of(), List.of(), List.of(), null, null);

    private Defaults() {}

    static Storage storage(Storage asked, String size, String mountPath) {
        return new Storage(
                size, asked.storageClass(), mountPath, asked.snapshotOnStop(), asked.shared(), asked.ephemeral());
    }

    static Network network(Network asked, boolean allowInternet) {
        return new Network(
                allowInternet,
                asked.egressRules(),
                asked.ingressRules(),
                asked.allowedDomains(),
                asked.allowPeerSandboxes(),
                asked.peerSandboxSelector());
    }

    /**
     * Limits and requests, by resource name. A default request above a limit that somebody set is lowered to it: whoever asks for a small limit
     * must not be refused for a request that he never made.
     */
    static ResourceRequirements resources(@Nullable ResourceRequirements asked, ResourceRequirements defaults) {
        if (asked == null) return defaults;
        var limits = Leaves.entries(asked.limits(), defaults.limits());
        var requests = new LinkedHashMap<>(defaults.requests());
        requests.replaceAll((resource, request) -> atMost(request, limits.get(resource)));
        requests.putAll(asked.requests());
        return new ResourceRequirements(limits, requests);
    }

    private static String atMost(String request, @Nullable String limit) {
        if (limit == null) return request;
        var wanted = Quantity.parse(request);
        var most = Quantity.parse(limit);
        return wanted.isPresent() && most.isPresent() && wanted.get().compareTo(most.get()) > 0 ? limit : request;
    }
}
