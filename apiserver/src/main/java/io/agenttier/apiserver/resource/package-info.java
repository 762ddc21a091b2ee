/**
 * What one does with a sandbox, one class a subresource: {@code exec}, {@code log}, {@code processes}, {@code files}, {@code stop},
 * {@code resume} ({@code docs/sandboxd-protocol.md} for the way to the pod). Decisions are pure functions over values; nothing here knows
 * Netty, Jackson or the Kubernetes client.
 */
@NullMarked
package io.agenttier.apiserver.resource;

import org.jspecify.annotations.NullMarked;
