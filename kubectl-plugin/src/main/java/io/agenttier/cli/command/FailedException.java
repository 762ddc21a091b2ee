package io.agenttier.cli.command;

import java.io.IOException;

/** The operation failed; the message is the whole story. */
final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
        super(message);
    }
}
