package io.agenttier.api.merge;

import io.agenttier.api.Agent;
import io.agenttier.api.Mode;
import io.agenttier.api.Network;
import io.agenttier.api.ResourceRequirements;
import io.agenttier.api.SandboxSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sandbox asks for after the merge. Every field with a default has a value.
 *
 * @param spec the spec with all layers merged
 * @param initScripts shell texts of the templates, in the order in which they run
 * @param mode kind of use
 * @param resources compute resources of the container
 * @param network who the sandbox may talk to
 * @param storageSize size of the workspace volume, a quantity
 * @param mountPath where the workspace volume is mounted
 * @param workingDir where commands run that name no folder
 * @param ephemeral whether the workspace ends with the pod
 * @param shared whether several nodes can mount the volume
 * @param allowInternet whether public addresses are open
 * @param allowPeerSandboxes whether other sandboxes of the namespace are peers
 * @param inheritedTimeout {@code timeout} of the layers below the sandbox: what holds while it sets none
 * @param inheritedIdleTimeout {@code idleTimeout} of those layers
 */
public record EffectiveSpec(
        SandboxSpec spec,
        List<String> initScripts,
        Mode mode,
        ResourceRequirements resources,
        Network network,
        String storageSize,
        String mountPath,
        String workingDir,
        boolean ephemeral,
        boolean shared,
        boolean allowInternet,
        boolean allowPeerSandboxes,
        @Nullable String inheritedTimeout,
        @Nullable String inheritedIdleTimeout) {
    /** The contract of agent mode, {@link Agent#EMPTY} where no layer sets anything of it; null in code mode, which has none. */
    public @Nullable Agent agent() {
        if (mode != Mode.AGENT) return null;
        var harness = spec.harness();
        return harness == null || harness.agent() == null ? Agent.EMPTY : harness.agent();
    }
}
