package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.util.Optional;

/** sandboxd answered with an error. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Optional<Cap> cap;

    /**
     * A cap on processes that run at the same time, and how many do.
     *
     * @param limit of the start that was refused
     */
    public record Cap(long limit, long inflight) {}

    RefusedException(int status, String message) {
        this(status, message, Optional.empty());
    }

    RefusedException(int status, String message, Optional<Cap> cap) {
        super(message);
        this.status = status;
        this.cap = cap;
    }

    /** HTTP status, 300–599. */
    public int status() {
        return status;
    }

    /** Present when too many processes of that class run. */
    public Optional<Cap> cap() {
        return cap;
    }
}
