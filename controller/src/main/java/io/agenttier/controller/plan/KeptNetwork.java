package io.agenttier.controller.plan;

import io.agenttier.api.Constraints;
import io.agenttier.api.Harness;
import io.agenttier.api.Sandbox;
import io.agenttier.api.TemplateSpec;
import io.agenttier.api.merge.EffectiveSpec;
import io.agenttier.api.merge.Merge;
import io.agenttier.api.merge.TemplateChain;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What its templates said of a sandbox's network and ports when it was started, kept in an annotation of its NetworkPolicy: an edited template
 * never reaches a running pod, whose rules still follow the Services they name. Who may write that annotation could write any policy.
 *
 * @param layer fields of the network and ports alone
 * @param byClusterOnly whether only ClusterSandboxTemplates opened anything
 */
record KeptNetwork(TemplateSpec layer, boolean byClusterOnly) {
    static final String ANNOTATION = "agenttier.io/network-of-templates";

    /** An object's annotations have 256 KiB together; larger ones are not kept. */
    private static final int TEXT_MAX = 128 * 1024;

    private static final String BY_CLUSTER = "cluster";
    private static final String BY_ANY = "any";

    static KeptNetwork of(TemplateChain templates) {
        return new KeptNetwork(networkOf(templates.layer()), Destinations.openedByClusterOnly(templates));
    }

    /** What a policy's annotation says; empty without a usable one. */
    static Optional<KeptNetwork> of(@Nullable V1NetworkPolicy policy) {
        var text = DesiredNetworkPolicy.annotation(policy, ANNOTATION);
        var end = text.indexOf(' ');
        var who = end < 0 ? text : text.substring(0, end);
        if (!who.equals(BY_CLUSTER) && !who.equals(BY_ANY)) {
            return Optional.empty();
        }
        return LayerText.parse(end < 0 ? "" : text.substring(end + 1))
                .filter(layer -> layer.equals(networkOf(layer)))
                .map(layer -> new KeptNetwork(layer, who.equals(BY_CLUSTER)));
    }

    /** Empty if it is too long to be kept. */
    Optional<String> text() {
        var text = ((byClusterOnly ? BY_CLUSTER : BY_ANY) + " " + LayerText.of(layer)).strip();
        return text.length() <= TEXT_MAX ? Optional.of(text) : Optional.empty();
    }

    /** Of the present sandbox over the layer that is kept; what does not concern the network is not as it was. */
    EffectiveSpec effective(Sandbox sandbox, ClusterSettings settings) {
        return Merge.effective(sandbox.spec(), layer, settings.defaults());
    }

    private static TemplateSpec networkOf(@Nullable TemplateSpec layer) {
        if (layer == null) {
            return TemplateSpec.EMPTY;
        }
        var constraints = layer.harness() == null ? null : layer.harness().constraints();
        return new TemplateSpec(
                null,
                null,
                null,
                null,
                null,
                null,
                layer.network(),
                List.of(),
                null,
                null,
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                constraints == null ? null : destinationsOf(constraints),
                List.of(),
                layer.ports(),
                List.of());
    }

    private static @Nullable Harness destinationsOf(Constraints constraints) {
        if (constraints.allowedNetworkDests().isEmpty()
                && constraints.deniedNetworkDests().isEmpty()) {
            return null;
        }
        var kept = new Constraints(
                null, null, List.of(), List.of(), constraints.allowedNetworkDests(), constraints.deniedNetworkDests());
        return new Harness(List.of(), List.of(), null, null, List.of(), null, List.of(), null, kept, null, null);
    }
}
