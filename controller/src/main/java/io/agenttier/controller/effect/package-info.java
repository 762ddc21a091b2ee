/**
 * What this program does to the world outside of it, by name. A crash can fall before or after each of these, so each has to be safe to repeat.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.controller.effect;
