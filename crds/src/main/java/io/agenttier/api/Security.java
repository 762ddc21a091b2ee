package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * Exceptions from the hardening of the pod.
 *
 * @param privileged True for a privileged container, which keeps no secret from its own code. Only a
 *     ClusterSandboxTemplate may say so.
 */
public record Security(@Nullable Boolean privileged) {}
