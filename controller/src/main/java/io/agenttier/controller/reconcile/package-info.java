/**
 * Effects: read the world, ask {@code plan}, write status, apply the steps. One reconciler a kind, one small class a step.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.reconcile;
