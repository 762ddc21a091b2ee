/** The clients that tests use: kubectl with the plugin, and raw HTTP to kube-apiserver. */
@NullMarked
package io.agenttier.e2e.client;

import org.jspecify.annotations.NullMarked;
