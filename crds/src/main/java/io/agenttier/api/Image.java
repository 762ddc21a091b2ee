package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * The container image that the sandbox runs in.
 *
 * @param repository Full image reference with tag or digest, such as registry.example.com/team/python:3.13.
 * @param pullPolicy When the image is pulled; the rule of Kubernetes when absent.
 * @param pullSecret Secret of the namespace with the credentials of a private registry.
 */
public record Image(
        @Nullable String repository,
        @Nullable String pullPolicy,
        @Nullable String pullSecret) {}
