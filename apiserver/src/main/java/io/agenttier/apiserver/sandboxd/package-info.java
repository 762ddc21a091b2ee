/**
 * Client of {@code sandboxd}, the daemon in every sandbox pod ({@code docs/sandboxd-protocol.md}): blocking HTTP/1.1 over TLS 1.3 for
 * virtual threads, one connection a call from a small pool per pod. The server's name is that of one incarnation of one pod, so a stale
 * address or a reused IP reaches nobody else. What a pod answers is as trustworthy as the code inside it: every size is bounded, every
 * field is checked, nothing is passed on unseen. The only nimbus importer.
 */
@NullMarked
package io.agenttier.apiserver.sandboxd;

import org.jspecify.annotations.NullMarked;
