/**
 * Documents exchanged with sandboxd, the daemon in every pod: the start plan it reads and the final record it leaves behind.
 * Their shape is version 1 of the protocol page of the documentation. The only importer of Gson beside {@code kube}.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.sandboxd;
