package io.agenttier.controller.plan;

import io.agenttier.api.port.PreviewHosts;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How http ports are shown to the outside.
 *
 * @param ingressClass empty for the cluster's default
 * @param annotations of every Ingress
 * @param from who may reach http ports: the pods of the ingress controller
 */
public record Previews(PreviewHosts hosts, String ingressClass, Map<String, String> annotations, Peers from) {
    public Previews {
        annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    }
}
