package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A port that a container listens on; for people, opens nothing.
 *
 * @param name Name of the port.
 * @param containerPort Port number inside the pod.
 * @param protocol Transport protocol.
 */
public record ContainerPort(
        @Nullable String name, int containerPort, @Nullable String protocol) {}
