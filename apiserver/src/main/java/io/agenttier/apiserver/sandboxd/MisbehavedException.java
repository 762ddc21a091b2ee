package io.agenttier.apiserver.sandboxd;

import java.io.IOException;

/** The pod answered with what no sandboxd says: a broken frame, an oversized header, an unknown outcome. The message quotes nothing of it. */
public final class MisbehavedException extends IOException {
    private static final long serialVersionUID = 1L;

    MisbehavedException(String message) {
        super(message);
    }
}
