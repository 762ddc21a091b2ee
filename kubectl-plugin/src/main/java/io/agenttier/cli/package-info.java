/**
 * {@code kubectl sandbox}: from the command line to one command and an exit code. Everything here runs at each start, so it loads as little as it
 * can: one command's options, no reflection, no logging.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli;
