package io.agenttier.api.merge;

import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.TemplateSpec;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The layer below all templates, set by whoever installs AgentTier.
 *
 * @param resources compute resources of a sandbox
 * @param storageSize size of the workspace volume, a quantity
 * @param mountPath where the workspace volume is mounted
 * @param allowInternet whether sandboxes may reach public addresses
 * @param timeout longest run time, such as 8h; 0 or null = endless
 * @param idleTimeout longest time without use, such as 1h; 0 or null = endless
 */
public record ClusterDefaults(
        ResourceRequirements resources,
        String storageSize,
        String mountPath,
        boolean allowInternet,
        @Nullable String timeout,
        @Nullable String idleTimeout) {
    /** What holds where the installation says nothing. */
    public static final ClusterDefaults BUILT_IN = new ClusterDefaults(
            new ResourceRequirements(Map.of("cpu", "2", "memory", "4Gi"), Map.of("cpu", "500m", "memory", "1Gi")),
            "10Gi",
            "/workspace",
            false,
            null,
            null);

    /**
     * What an installation publishes; what it leaves out is built in.
     *
     * @param layer in the shape of a template
     */
    public static ClusterDefaults published(TemplateSpec layer) {
        var storage = Objects.requireNonNullElse(layer.storage(), Defaults.NO_STORAGE);
        var network = Objects.requireNonNullElse(layer.network(), Defaults.NO_NETWORK);
        return new ClusterDefaults(
                Objects.requireNonNullElse(layer.resources(), BUILT_IN.resources()),
                Objects.requireNonNullElse(storage.size(), BUILT_IN.storageSize()),
                Objects.requireNonNullElse(storage.mountPath(), BUILT_IN.mountPath()),
                Objects.requireNonNullElse(network.allowInternet(), BUILT_IN.allowInternet()),
                layer.timeout(),
                layer.idleTimeout());
    }
}
