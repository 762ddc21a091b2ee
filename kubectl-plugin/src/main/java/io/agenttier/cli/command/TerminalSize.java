package io.agenttier.cli.command;

/** Both in characters, from 1 to 1000. */
record TerminalSize(int columns, int rows) {}
