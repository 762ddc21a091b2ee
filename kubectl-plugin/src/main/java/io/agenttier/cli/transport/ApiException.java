package io.agenttier.cli.transport;

import java.io.IOException;

/** The server answered, and said no. */
public final class ApiException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public ApiException(Failure failure) {
        super(failure.sentence());
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
