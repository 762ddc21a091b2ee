package io.agenttier.cli.output;

import java.io.IOException;

/** Nobody reads our standard output any more, or it cannot be written, for example to a full disk. */
public final class OutputClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    OutputClosedException(IOException cause) {
        super("cannot write to standard output: " + cause.getMessage(), cause);
    }
}
