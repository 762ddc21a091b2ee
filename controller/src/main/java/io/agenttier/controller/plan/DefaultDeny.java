package io.agenttier.controller.plan;

import io.agenttier.api.Labels;
import io.agenttier.api.Names;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicySpec;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.List;

/**
 * Closes every sandbox pod of a namespace in both directions. It stands before the first pod and goes after the last, so that whatever
 * else is missing or late closes and never opens.
 */
public final class DefaultDeny {
    private static final List<String> TYPES = List.of("Ingress", "Egress");

    private DefaultDeny() {}

    public static V1NetworkPolicy of(String namespace) {
        return new V1NetworkPolicy()
                .apiVersion(ResourceKind.NETWORK_POLICY.apiVersion())
                .kind(ResourceKind.NETWORK_POLICY.kind())
                .metadata(new V1ObjectMeta()
                        .name(Names.DEFAULT_DENY)
                        .namespace(namespace)
                        .putLabelsItem(Owned.MANAGED_BY, Owned.MANAGER))
                .spec(new V1NetworkPolicySpec()
                        .podSelector(selector())
                        .policyTypes(TYPES)
                        // said, not left out: so a repair takes away what somebody added
                        .ingress(List.of())
                        .egress(List.of()));
    }

    /** Whether {@code policy} still closes: the same selector and types, and no rule that somebody added. */
    public static boolean closes(V1NetworkPolicy policy) {
        var spec = policy.getSpec();
        return spec != null
                && selector().equals(spec.getPodSelector())
                && TYPES.equals(spec.getPolicyTypes())
                && (spec.getIngress() == null || spec.getIngress().isEmpty())
                && (spec.getEgress() == null || spec.getEgress().isEmpty());
    }

    private static V1LabelSelector selector() {
        return new V1LabelSelector().putMatchLabelsItem(Labels.MANAGED, Labels.TRUE);
    }
}
