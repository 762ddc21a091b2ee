/**
 * The Kubernetes API as this program uses it: typed reads from informer caches, writes with preconditions, Events, the leader's Lease.
 * The only package that imports the Java client, its model types apart.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.kube;
