package io.agenttier.apiserver.error;

import io.agenttier.api.ApiGroup;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code metav1.Status} of a failure as it goes over the wire. {@code details.kind} holds the plural, as kube-apiserver does it.
 *
 * @param code HTTP status
 */
public record Status(
        String kind,
        String apiVersion,
        Metadata metadata,
        String status,
        String message,
        String reason,
        @Nullable Details details,
        int code) {

    /** Always empty, always present. */
    public record Metadata() {}

    /** What the failure is about. */
    public record Details(
            @Nullable String name,
            @Nullable String group,
            @Nullable String kind,
            @Nullable List<ApiError.Cause> causes,
            @Nullable Integer retryAfterSeconds) {}

    /** The form on the wire of any error. */
    public static Status of(ApiError error) {
        return switch (error) {
            case ApiError.BadRequest e -> plain(400, "BadRequest", e);
            case ApiError.Unauthorized e -> plain(401, "Unauthorized", e);
            case ApiError.Forbidden e -> about(403, "Forbidden", e, e.resource(), e.name());
            case ApiError.Denied e ->
                failure(
                        403,
                        "Forbidden",
                        e,
                        new Details(emptyToNull(e.name()), ApiGroup.GROUP, e.resource(), e.causes(), null));
            case ApiError.NotFound e -> about(404, "NotFound", e, e.resource(), e.name());
            case ApiError.MethodNotAllowed e -> plain(405, "MethodNotAllowed", e);
            case ApiError.NotAcceptable e -> plain(406, "NotAcceptable", e);
            case ApiError.TooSlow e -> plain(408, "RequestTimeout", e);
            case ApiError.Conflict e -> about(409, "Conflict", e, e.resource(), e.name());
            case ApiError.Gone e -> plain(410, "Gone", e);
            case ApiError.PreconditionFailed e -> plain(412, "PreconditionFailed", e);
            case ApiError.TooLarge e -> plain(413, "RequestEntityTooLarge", e);
            case ApiError.UriTooLong e -> plain(414, "RequestURITooLong", e);
            case ApiError.UnsupportedMediaType e -> plain(415, "UnsupportedMediaType", e);
            case ApiError.RangeNotSatisfiable e -> plain(416, "RequestedRangeNotSatisfiable", e);
            case ApiError.Invalid e ->
                failure(
                        422,
                        "Invalid",
                        e,
                        new Details(emptyToNull(e.name()), ApiGroup.GROUP, e.kind(), e.causes(), null));
            case ApiError.FailedDependency e -> plain(424, "FailedDependency", e);
            case ApiError.HeadersTooLarge e -> plain(431, "RequestHeaderFieldsTooLarge", e);
            case ApiError.TooManyRequests e -> failure(429, "TooManyRequests", e, retry(e));
            case ApiError.Full e ->
                failure(429, "TooManyRequests", e, new Details(null, null, null, e.causes(), retrySeconds(e)));
            case ApiError.Internal e -> plain(500, "InternalError", e);
            case ApiError.BadGateway e -> plain(502, "BadGateway", e);
            case ApiError.NoAnswer e -> plain(502, "BadGateway", e);
            case ApiError.Unavailable e -> plain(503, "ServiceUnavailable", e);
            case ApiError.Starting e -> failure(503, "ServiceUnavailable", e, retry(e));
            case ApiError.TimedOut e -> plain(504, "Timeout", e);
        };
    }

    private static Status plain(int code, String reason, ApiError error) {
        return failure(code, reason, error, null);
    }

    private static Status about(int code, String reason, ApiError error, String resource, String name) {
        return failure(
                code,
                reason,
                error,
                resource.isEmpty() ? null : new Details(emptyToNull(name), ApiGroup.GROUP, resource, null, null));
    }

    private static Status failure(int code, String reason, ApiError error, @Nullable Details details) {
        return new Status("Status", "v1", new Metadata(), "Failure", error.message(), reason, details, code);
    }

    private static @Nullable Details retry(ApiError error) {
        int seconds = retrySeconds(error);
        return seconds == 0 ? null : new Details(null, null, null, null, seconds);
    }

    /** Whole seconds for {@code Retry-After}, rounded up; 0 where the error gives none. */
    public static int retrySeconds(ApiError error) {
        return switch (error) {
            case ApiError.TooManyRequests busy -> seconds(busy.retryAfter());
            case ApiError.Full full -> seconds(full.retryAfter());
            case ApiError.Starting starting -> seconds(starting.retryAfter());
            default -> 0;
        };
    }

    private static int seconds(Duration time) {
        return (int) Math.min(3600, (time.toMillis() + 999) / 1000);
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
