package io.agenttier.controller.plan;

import io.agenttier.api.ApiGroup;
import io.agenttier.api.Labels;
import io.agenttier.api.Sandbox;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Metadata of what is made for a sandbox, and how such objects are told from others': by the uid of their controller owner. */
public final class Owned {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGER = "agenttier";

    private Owned() {}

    /** Metadata of a new object of {@code sandbox}, deleted together with it. */
    static V1ObjectMeta metadata(Sandbox sandbox, String name) {
        var labels = new TreeMap<String, String>();
        labels.put(MANAGED_BY, MANAGER);
        labels.put(Labels.SANDBOX, sandbox.metadata().name());
        return new V1ObjectMeta()
                .name(name)
                .namespace(sandbox.metadata().namespace())
                .labels(labels)
                .addOwnerReferencesItem(new V1OwnerReference()
                        .apiVersion(ApiGroup.API_VERSION)
                        .kind(Sandbox.KIND)
                        .name(sandbox.metadata().name())
                        .uid(sandbox.metadata().uid())
                        .controller(true)
                        .blockOwnerDeletion(true));
    }

    /** The owner that manages {@code metadata}'s object, if any. */
    public static Optional<V1OwnerReference> controllerOf(@Nullable V1ObjectMeta metadata) {
        if (metadata == null || metadata.getOwnerReferences() == null) {
            return Optional.empty();
        }
        return metadata.getOwnerReferences().stream()
                .filter(o -> Boolean.TRUE.equals(o.getController()))
                .findFirst();
    }

    public static boolean by(Sandbox sandbox, @Nullable V1ObjectMeta metadata) {
        return controllerOf(metadata)
                .filter(o -> o.getUid().equals(sandbox.metadata().uid()))
                .isPresent();
    }

    public static boolean isTerminating(V1ObjectMeta metadata) {
        return metadata.getDeletionTimestamp() != null;
    }

    static String label(V1ObjectMeta metadata, String key) {
        var labels = metadata.getLabels();
        return labels == null ? "" : labels.getOrDefault(key, "");
    }
}
