package io.agenttier.apiserver.sandboxd;

import java.io.IOException;

/** No connection to sandboxd, or it broke before an answer came. */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean nothingSent;

    UnreachableException(String message, boolean nothingSent, Throwable cause) {
        super(message, cause);
        this.nothingSent = nothingSent;
    }

    /** Whether the request certainly did not reach the pod, so that it may be sent again. */
    public boolean nothingSent() {
        return nothingSent;
    }
}
