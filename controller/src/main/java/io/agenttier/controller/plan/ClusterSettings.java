package io.agenttier.controller.plan;

import io.agenttier.api.merge.ClusterDefaults;
import io.agenttier.api.network.Cidr;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the administrator of the installation decided for all sandboxes.
 *
 * @param namespace of the installation, where apiserver and controller run
 * @param sandboxdImage reference of the image that carries sandboxd
 * @param spoolBytes most bytes of process output a pod keeps
 * @param disconnectGrace how long a process outlives its last reader
 * @param startDeadline how long a permanent failure is shown before it becomes Error
 * @param autoStopGrace how long before an automatic stop it is announced, at most
 * @param nodeLossDeadline how long a node may be silent before pods with a volume of one node are deleted by force
 * @param initTimeout limit of a sandbox's init scripts and tools together
 * @param hookTimeout limit of each hook
 * @param previews null where http ports are shown to nobody outside
 * @param protectedCidrs ranges no sandbox and no namespaced template may open
 * @param defaults the layer below all templates
 */
public record ClusterSettings(
        String namespace,
        String sandboxdImage,
        long spoolBytes,
        Duration disconnectGrace,
        Duration startDeadline,
        Duration autoStopGrace,
        Duration nodeLossDeadline,
        Duration initTimeout,
        Duration hookTimeout,
        DnsRule dns,
        @Nullable Previews previews,
        List<Cidr> protectedCidrs,
        ClusterDefaults defaults) {
    public ClusterSettings {
        protectedCidrs = List.copyOf(protectedCidrs);
    }
}
