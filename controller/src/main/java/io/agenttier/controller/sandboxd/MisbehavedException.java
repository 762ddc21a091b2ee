package io.agenttier.controller.sandboxd;

import java.io.IOException;

/** An answer that no sandboxd gives. The message quotes nothing of it. */
final class MisbehavedException extends IOException {
    private static final long serialVersionUID = 1L;

    MisbehavedException(String message) {
        super(message);
    }
}
