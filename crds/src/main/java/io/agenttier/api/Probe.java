package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A health check of a sidecar or init container. Exactly one action is set; no action may name another host.
 *
 * @param exec Runs a command in the container.
 * @param httpGet Sends an HTTP GET request.
 * @param tcpSocket Opens a TCP connection.
 * @param grpc Asks the gRPC health service.
 * @param initialDelaySeconds Seconds from the start of the container until the first check; 0 when absent.
 * @param timeoutSeconds Seconds until a check counts as failed; 1 when absent.
 * @param periodSeconds Seconds between two checks; 10 when absent.
 * @param successThreshold Successes in a row until the container counts as healthy again; 1 when absent.
 * @param failureThreshold Failures in a row until the container counts as unhealthy; 3 when absent.
 * @param terminationGracePeriodSeconds Seconds that a container that failed the check has to end.
 */
public record Probe(
        @Nullable ExecAction exec,
        @Nullable HttpGetAction httpGet,
        @Nullable TcpSocketAction tcpSocket,
        @Nullable GrpcAction grpc,
        @Nullable Integer initialDelaySeconds,
        @Nullable Integer timeoutSeconds,
        @Nullable Integer periodSeconds,
        @Nullable Integer successThreshold,
        @Nullable Integer failureThreshold,
        @Nullable Long terminationGracePeriodSeconds) {}
