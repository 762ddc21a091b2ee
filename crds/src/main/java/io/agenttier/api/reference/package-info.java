/**
 * Which objects a Sandbox or template names. Pure: who may name them, and what they hold, is decided elsewhere, by admission and by the
 * controller, from the same list.
 */
@NullMarked
package io.agenttier.api.reference;

import org.jspecify.annotations.NullMarked;
