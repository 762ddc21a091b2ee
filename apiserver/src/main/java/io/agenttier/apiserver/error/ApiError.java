package io.agenttier.apiserver.error;

import java.time.Duration;
import java.util.List;

/**
 * What a caller did wrong or we could not do; becomes one {@code metav1.Status}. {@link #message()} says what, which value, what was
 * expected and what to do next.
 */
public sealed interface ApiError {
    String message();

    /** 400 {@code BadRequest}: malformed path, parameter or body. */
    record BadRequest(String message) implements ApiError {}

    /** 401 {@code Unauthorized}: credentials were offered and are invalid. */
    record Unauthorized(String message) implements ApiError {}

    /** 403 {@code Forbidden}, worded as kube-apiserver words it. */
    record Forbidden(String resource, String name, String message) implements ApiError {}

    /** 403 {@code Forbidden} for several reasons at once, one cause each. */
    record Denied(String resource, String name, List<Cause> causes) implements ApiError {
        public Denied {
            causes = List.copyOf(causes);
        }

        @Override
        public String message() {
            var reasons =
                    causes.stream().map(c -> c.field() + ": " + c.message()).toList();
            return "%s \"%s\" is forbidden: %s".formatted(resource, name, String.join("; ", reasons));
        }
    }

    /** 404 {@code NotFound}: {@code resource} is the plural, for example {@code sandboxes}. */
    record NotFound(String resource, String name, String message) implements ApiError {}

    /** 405 {@code MethodNotAllowed}; {@code allowed} goes into the {@code Allow} header. */
    record MethodNotAllowed(String method, List<String> allowed, String message) implements ApiError {}

    /** 406 {@code NotAcceptable}. */
    record NotAcceptable(String message) implements ApiError {}

    /** 408 {@code RequestTimeout}: the body came too slowly; nothing has started. */
    record TooSlow(String message) implements ApiError {}

    /** 409 {@code Conflict}: wrong phase or state; the message names the call that helps. */
    record Conflict(String resource, String name, String message) implements ApiError {}

    /** 410 {@code Gone}: a handle of a pod that no longer exists. */
    record Gone(String message) implements ApiError {}

    /** 412 {@code PreconditionFailed}: {@code If-Match} or {@code If-None-Match} of a write. */
    record PreconditionFailed(String message) implements ApiError {}

    /** 413 {@code RequestEntityTooLarge}: the message names limit and value. */
    record TooLarge(String message) implements ApiError {}

    /** 414 {@code RequestURITooLong}. */
    record UriTooLong(String message) implements ApiError {}

    /** 415 {@code UnsupportedMediaType}. */
    record UnsupportedMediaType(String message) implements ApiError {}

    /** 416 {@code RequestedRangeNotSatisfiable}. */
    record RangeNotSatisfiable(String message) implements ApiError {}

    /** 422 {@code Invalid}, one cause a field. */
    record Invalid(String kind, String name, List<Cause> causes) implements ApiError {
        public Invalid {
            causes = List.copyOf(causes);
        }

        @Override
        public String message() {
            var fields =
                    causes.stream().map(c -> c.field() + ": " + c.message()).toList();
            return kind + " is invalid: " + String.join("; ", fields);
        }
    }

    /** 429 {@code TooManyRequests}; {@code retryAfter} only where nothing has started, since clients repeat such calls. */
    record TooManyRequests(String message, Duration retryAfter) implements ApiError {}

    /** 424 {@code FailedDependency}: what must be done before has not been done. */
    record FailedDependency(String message) implements ApiError {}

    /** 431 {@code RequestHeaderFieldsTooLarge}. */
    record HeadersTooLarge(String message) implements ApiError {}

    /** 429 {@code TooManyRequests} with what is full and how full, one cause each; nothing has started. */
    record Full(String message, List<Cause> causes, Duration retryAfter) implements ApiError {
        public Full {
            causes = List.copyOf(causes);
        }
    }

    /** 500 {@code InternalError}. The message holds nothing of a stack trace. */
    record Internal(String message) implements ApiError {}

    /**
     * 502 {@code BadGateway}: the pod answered with what no sandboxd says.
     *
     * @param what happened, in our words; only they are logged
     * @param said by the pod, which may quote what its user sent; empty if it said nothing
     */
    record BadGateway(String what, String said) implements ApiError {
        public BadGateway(String what) {
            this(what, "");
        }

        @Override
        public String message() {
            return said.isEmpty() ? what : what + ": " + said;
        }
    }

    /** 502 {@code BadGateway}: what the caller wants to speak to in the sandbox does not answer. */
    record NoAnswer(String message) implements ApiError {}

    /** 503 {@code ServiceUnavailable}: pod or sandboxd not reachable. */
    record Unavailable(String message) implements ApiError {}

    /** 503 {@code ServiceUnavailable}: the sandbox is being started; nothing of the call has begun, so it may be repeated. */
    record Starting(String message, Duration retryAfter) implements ApiError {}

    /** 504 {@code Timeout}. */
    record TimedOut(String message) implements ApiError {}

    /**
     * One entry of {@code details.causes}.
     *
     * @param reason a {@code CauseType} such as {@code FieldValueRequired}, {@code FieldValueInvalid}, {@code FieldValueTooLong}
     * @param field path in the body or the parameter's name
     */
    record Cause(String reason, String field, String message) {}
}
