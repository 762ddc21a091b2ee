package io.agenttier.api;

import org.jspecify.annotations.Nullable;

/**
 * A port of a network rule.
 *
 * @param protocol Transport protocol.
 * @param port Port number.
 */
public record NetworkPort(@Nullable String protocol, int port) {}
