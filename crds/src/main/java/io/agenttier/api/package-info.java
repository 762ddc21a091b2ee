/** Wire records of the AgentTier kinds and the pure rules over them. No JSON library, no Kubernetes client, no clock. */
@org.jspecify.annotations.NullMarked
package io.agenttier.api;
