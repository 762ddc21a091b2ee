package io.agenttier.apiserver.sandboxd;

/** Size of a terminal in characters, each 1–1000. */
public record TerminalSize(int cols, int rows) {
    public static final int MAX = 1000;
    public static final TerminalSize DEFAULT = new TerminalSize(120, 40);
}
