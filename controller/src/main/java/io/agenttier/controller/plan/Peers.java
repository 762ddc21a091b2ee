package io.agenttier.controller.plan;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Peers of a network rule: pods, and addresses for what is no pod of the cluster's network.
 *
 * @param namespace of the pods; only with labels
 * @param labels of the pods; no pod without any
 */
public record Peers(String namespace, Map<String, String> labels, List<String> cidrs) {
    public static final Peers NONE = new Peers("", Map.of(), List.of());

    public Peers {
        labels = Map.copyOf(labels);
        cidrs = List.copyOf(cidrs);
    }

    /** Empty for nobody, which in a rule would mean everybody. */
    List<V1NetworkPolicyPeer> wire() {
        var peers = new ArrayList<V1NetworkPolicyPeer>();
        if (!labels.isEmpty()) {
            peers.add(new V1NetworkPolicyPeer()
                    .namespaceSelector(
                            new V1LabelSelector().putMatchLabelsItem(DesiredNetworkPolicy.NAMESPACE_NAME, namespace))
                    .podSelector(new V1LabelSelector().matchLabels(new TreeMap<>(labels))));
        }
        cidrs.forEach(c -> peers.add(new V1NetworkPolicyPeer().ipBlock(AddressBlocks.of(c, List.of()))));
        return peers;
    }
}
