package io.agenttier.cli.transport;

import java.io.IOException;

/** What we were about to send could not be read. */
public final class SourceException extends IOException {
    private static final long serialVersionUID = 1L;

    public SourceException(String message) {
        super(message);
    }
}
