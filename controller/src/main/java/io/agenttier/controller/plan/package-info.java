/**
 * Pure decisions: the objects a sandbox needs, what state its pod is in, and which steps come next. The same world at the same time
 * gives the same plan; no client, no clock, no randomness, no I/O. Kubernetes model types are the vocabulary.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.plan;
