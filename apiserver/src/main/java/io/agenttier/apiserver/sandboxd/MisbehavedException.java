package io.agenttier.apiserver.sandboxd;

import java.io.IOException;

/** The pod answered with what no sandboxd says: a broken frame, an oversized header, an unknown outcome. The message is ours. */
public final class MisbehavedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String said;

    MisbehavedException(String message) {
        this(message, "");
    }

    MisbehavedException(String message, String said) {
        super(message);
        this.said = said;
    }

    /** What the pod gave as its reason; empty if it gave none. */
    public String said() {
        return said;
    }
}
