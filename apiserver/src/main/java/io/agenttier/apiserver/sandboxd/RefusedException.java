package io.agenttier.apiserver.sandboxd;

import java.io.IOException;

/** sandboxd answered with an error. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** HTTP status, 300–599. */
    public int status() {
        return status;
    }
}
