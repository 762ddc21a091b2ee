package io.agenttier.cli.command;

import java.io.IOException;

/** The command line is wrong. The message says what was expected. */
public final class UsageException extends IOException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
