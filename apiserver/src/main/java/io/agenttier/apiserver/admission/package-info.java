/**
 * The admission webhook: stamps who made a sandbox, lets nobody name what he may not use himself, and keeps templates that are in use. It
 * answers kube-apiserver on a port of its own and changes nothing anywhere. kube-apiserver shows no credentials to a webhook, so every caller
 * is served alike: what is answered depends on the question alone, and its cost is bounded.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.apiserver.admission;
