/**
 * HTTP/1.1 over TLS to kube-apiserver: one connection a request, bodies bounded or streamed, cut streams told apart from ended ones. Written on
 * {@code SSLSocket} because a whole client library costs several times the start of this program. Knows Kubernetes' paths and errors, nothing of
 * commands.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli.transport;
