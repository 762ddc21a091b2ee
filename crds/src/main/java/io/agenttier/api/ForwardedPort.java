package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A declared port as it can be reached.
 *
 * @param port Port number inside the pod.
 * @param protocol Kind of the port.
 * @param internalUrl Address inside the cluster.
 * @param previewUrl Address of the preview, if there is one.
 */
public record ForwardedPort(
        int port,
        @Nullable String protocol,
        @Nullable String internalUrl,
        @Nullable String previewUrl) {}
