package io.agenttier.controller.plan;

import java.util.List;
import java.util.Map;

/** Whom a sandbox may ask for names. */
public sealed interface DnsRule {
    /** Any server, on port 53. */
    record Any() implements DnsRule {}

    /**
     * The cluster's own DNS.
     *
     * @param namespace of its pods
     * @param labels of its pods; none for no pods
     * @param cidrs further addresses, such as a node-local cache's
     */
    record Cluster(String namespace, Map<String, String> labels, List<String> cidrs) implements DnsRule {
        public Cluster {
            labels = Map.copyOf(labels);
            cidrs = List.copyOf(cidrs);
        }
    }
}
