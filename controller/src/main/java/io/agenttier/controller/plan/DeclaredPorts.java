package io.agenttier.controller.plan;

import io.agenttier.api.DeclaredPort;
import io.agenttier.api.Sandbox;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ports that a sandbox declares: its own, over those that its templates had when it was started last. */
public final class DeclaredPorts {
    private DeclaredPorts() {}

    /**
     * In the order of their numbers.
     *
     * @param policy with the name of the sandbox's own, whoever owns it
     */
    public static List<DeclaredPort> of(
            Sandbox sandbox, TemplateChain templates, @Nullable V1NetworkPolicy policy, ClusterSettings settings) {
        var kept = policy != null && Owned.by(sandbox, policy.getMetadata())
                ? KeptNetwork.of(policy)
                : Optional.<KeptNetwork>empty();
        var layer = kept.map(KeptNetwork::layer).orElseGet(templates::layer);
        return Merge.effective(sandbox.spec(), layer, settings.defaults()).spec().ports().stream()
                .sorted(Comparator.comparingInt(DeclaredPort::port))
                .toList();
    }
}
