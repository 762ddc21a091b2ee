/**
 * Which cluster, which user, which namespace: kubeconfig files as kubectl reads and merges them, the pod's own account where there are none, and
 * programs that make credentials. The only importer of the YAML library.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli.kubeconfig;
