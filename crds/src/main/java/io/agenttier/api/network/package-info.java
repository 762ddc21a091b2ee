/** Ranges of addresses and what a sandbox may open of them. Pure; admission and the controller judge by the same code. */
@NullMarked
package io.agenttier.api.network;

import org.jspecify.annotations.NullMarked;
