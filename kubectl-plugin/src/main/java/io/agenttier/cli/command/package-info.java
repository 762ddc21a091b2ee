/**
 * One class a command, and what several of them need: the session, waiting for Ready, following a process, moving files. Commands write through
 * {@link io.agenttier.cli.output.Output} and end with an exit code; failures of the server or the connection travel as exceptions to the edge.
 */
@org.jspecify.annotations.NullMarked
package io.agenttier.cli.command;
