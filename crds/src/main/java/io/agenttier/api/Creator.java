package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * Who made an object. Set by the server, whatever is sent.
 *
 * @param sub User name as Kubernetes knows it.
 * @param email E-mail address, if the identity provider told it.
 * @param displayName Name for people.
 */
public record Creator(
        @Nullable String sub,
        @Nullable String email,
        @Nullable String displayName) {}
