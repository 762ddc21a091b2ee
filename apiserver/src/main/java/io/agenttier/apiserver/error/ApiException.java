package io.agenttier.apiserver.error;

/** Ends a call with an {@link ApiError}. Carries no stack trace: it is an answer, not a bug. */
public final class ApiException extends RuntimeException {
    private final transient ApiError error;

    public ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    public ApiError error() {
        return error;
    }
}
