package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A probe by the gRPC health protocol.
 *
 * @param port Port number of the gRPC service.
 * @param service Service name of the health request; empty when absent.
 */
public record GrpcAction(int port, @Nullable String service) {}
