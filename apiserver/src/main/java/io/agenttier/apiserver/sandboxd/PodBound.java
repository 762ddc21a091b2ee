package io.agenttier.apiserver.sandboxd;

/**
 * How many connections to one pod may be open.
 *
 * @param connections each call holds one; sandboxd accepts 256, of all replicas and the kubelet's probes together
 * @param reached told of each call that is refused for it
 */
public record PodBound(int connections, Runnable reached) {}
