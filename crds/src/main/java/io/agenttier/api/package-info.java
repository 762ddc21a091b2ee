/**
 * Wire records of the AgentTier kinds and the pure rules over them. No JSON library, no Kubernetes client, no clock.
 *
 * <p>Every property of the CRDs is a record component of the same name, held so by a test. Records normalise and never refuse: absent lists and
 * maps are empty, required texts are the empty string, optional scalars and objects are null. Enumerations, durations and quantities stay texts
 * on the wire; {@link io.agenttier.api.Mode}, {@link io.agenttier.api.PowerState}, {@link io.agenttier.api.Phase},
 * {@link io.agenttier.api.GoDuration} and {@link io.agenttier.api.Quantity} read them. Methods of records never begin with {@code get} or
 * {@code is}, because Jackson would write them as properties.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.api;
