/**
 * WebSocket connections: frames (RFC 6455) to and from one client, bounded in memory and in time. A connection comes here from {@code http}
 * when a call is upgraded; use cases see a {@link io.agenttier.apiserver.route.WebSocket}. One of two packages that import Netty.
 */
@NullMarked
package io.agenttier.apiserver.stream;

import org.jspecify.annotations.NullMarked;
