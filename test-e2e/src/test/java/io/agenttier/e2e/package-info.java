/**
 * End-to-end tests: AgentTier installed by its chart in a real cluster, used the way its users do, through kube-apiserver. Each class gets
 * a namespace of its own; tags say what a test needs ({@code e2e}, {@code disruptive}, {@code bench}, {@code soak}).
 */
@NullMarked
package io.agenttier.e2e;

import org.jspecify.annotations.NullMarked;
