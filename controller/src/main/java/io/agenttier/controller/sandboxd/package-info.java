/**
 * Everything exchanged with sandboxd, the daemon in every pod: the start plan it reads, the final record it leaves behind, and the calls
 * {@code report}, {@code hook} and {@code notice}. Their shape is version 1 of the protocol page of the documentation. What a pod answers is
 * input: bounded, checked field by field, and never a reason to act on anything but that sandbox.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.sandboxd;
