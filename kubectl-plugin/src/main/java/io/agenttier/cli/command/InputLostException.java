package io.agenttier.cli.command;

import java.io.IOException;

/** Our standard input cannot be read to its end, so that the process would take a part for the whole. */
final class InputLostException extends IOException {
    private static final long serialVersionUID = 1L;

    InputLostException(IOException cause) {
        super("cannot read standard input: " + cause.getMessage(), cause);
    }
}
