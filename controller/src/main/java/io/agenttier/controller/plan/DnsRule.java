package io.agenttier.controller.plan;

/** Whom a sandbox may ask for names. */
public sealed interface DnsRule {
    /** Any server, on port 53. */
    record Any() implements DnsRule {}

    /** The cluster's own DNS: its pods, and further addresses such as a node-local cache's. */
    record Cluster(Peers servers) implements DnsRule {}
}
