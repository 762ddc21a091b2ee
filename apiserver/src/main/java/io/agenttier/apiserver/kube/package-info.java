/**
 * Adapters over the Kubernetes client for identity, rights, certificates and our own kinds. The only package that imports it; what leaves
 * this package are our own types.
 */
@NullMarked
package io.agenttier.apiserver.kube;

import org.jspecify.annotations.NullMarked;
