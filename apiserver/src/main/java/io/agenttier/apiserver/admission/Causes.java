package io.agenttier.apiserver.admission;

import io.agenttier.apiserver.error.ApiError.Cause;

/** Entries of {@code details.causes}. */
final class Causes {
    private Causes() {}

    static Cause forbidden(String field, String message) {
        return new Cause("FieldValueForbidden", field, message);
    }
}
