/**
 * Declared ports: how their objects and addresses are named and which sandboxes can have them. Pure; admission, the calls and the controller
 * judge by the same code.
 */
@NullMarked
package io.agenttier.api.port;

import org.jspecify.annotations.NullMarked;
