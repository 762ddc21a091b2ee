package io.agenttier.cli.json;

import java.io.IOException;

/** A text that is no JSON document, or too deep or too long a one. The message says where. */
public final class MalformedJsonException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
        super(message);
    }
}
