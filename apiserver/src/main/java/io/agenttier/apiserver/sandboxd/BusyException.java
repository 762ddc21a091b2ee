package io.agenttier.apiserver.sandboxd;

import java.io.IOException;

/** The bound on connections to one pod is reached; nothing was sent. */
public final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    BusyException(int limit) {
        super("%d connections to this pod are open, no more are allowed".formatted(limit));
        this.limit = limit;
    }

    public int limit() {
        return limit;
    }
}
