package io.agenttier.cli.transport;

import org.jspecify.annotations.Nullable;

/**
 * One cluster, as far as reaching it goes.
 *
 * @param serverName name to verify and to send as SNI instead of the host, or null
 * @param proxy HTTP proxy to reach it through by CONNECT, or null
 */
public record Target(
        ServerAddress server,
        Trust trust,
        @Nullable String serverName,
        @Nullable ServerAddress proxy) {}
