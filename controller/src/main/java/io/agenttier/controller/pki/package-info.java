/**
 * Certificates and keys: one CA, serving and signing leaves, and one certificate a pod. Everything here is a function of its
 * arguments; Secrets are read and written by {@code reconcile}. The only package that imports Bouncy Castle.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.pki;
