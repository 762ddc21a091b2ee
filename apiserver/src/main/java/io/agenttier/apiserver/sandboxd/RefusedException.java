package io.agenttier.apiserver.sandboxd;

import java.io.IOException;
import java.util.Optional;

/** sandboxd answered with an error. The message is ours; {@link #said} may quote what its user sent, and is for him alone. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String said;
    private final transient Optional<Cap> cap;
    private final boolean outdated;

    /**
     * A cap on processes that run at the same time, and how many do.
     *
     * @param limit of the start that was refused
     */
    public record Cap(long limit, long inflight) {}

    RefusedException(int status, String said, Optional<Cap> cap, boolean outdated) {
        super("the daemon answered %d".formatted(status));
        this.status = status;
        this.said = said;
        this.cap = cap;
        this.outdated = outdated;
    }

    /** HTTP status, 300–599. */
    public int status() {
        return status;
    }

    /** Its reason for people; may be blank. */
    public String said() {
        return said;
    }

    /** The agent has been configured anew since the state that the request rested on. */
    public boolean isOutdated() {
        return outdated;
    }

    /** Present when too many processes of that class run. */
    public Optional<Cap> cap() {
        return cap;
    }
}
