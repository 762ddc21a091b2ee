package io.agenttier.apiserver.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.agenttier.apiserver.codec.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StatusTest {
    private static final List<ApiError> ONE_OF_EACH = List.of(
            new ApiError.BadRequest("m"),
            new ApiError.Unauthorized("m"),
            new ApiError.Forbidden("sandboxes", "web", "m"),
            new ApiError.Denied(
                    "sandboxes", "web", List.of(new ApiError.Cause("FieldValueForbidden", "spec.env", "m"))),
            new ApiError.NotFound("sandboxes", "web", "m"),
            new ApiError.MethodNotAllowed("PUT", List.of("GET"), "m"),
            new ApiError.NotAcceptable("m"),
            new ApiError.TooSlow("m"),
            new ApiError.Conflict("sandboxes", "web", "m"),
            new ApiError.Gone("m"),
            new ApiError.PreconditionFailed("m"),
            new ApiError.TooLarge("m"),
            new ApiError.UriTooLong("m"),
            new ApiError.UnsupportedMediaType("m"),
            new ApiError.RangeNotSatisfiable("m"),
            new ApiError.Invalid(
                    "SandboxExecRequest", "", List.of(new ApiError.Cause("FieldValueInvalid", "env", "bad"))),
            new ApiError.FailedDependency("m"),
            new ApiError.HeadersTooLarge("m"),
            new ApiError.TooManyRequests("m", Duration.ofMillis(1500)),
            new ApiError.Full("m", List.of(), Duration.ofSeconds(5)),
            new ApiError.Internal("m"),
            new ApiError.BadGateway("m"),
            new ApiError.NoAnswer("m"),
            new ApiError.Unavailable("m"),
            new ApiError.Starting("m", Duration.ofSeconds(5)),
            new ApiError.TimedOut("m"));

    @Test
    void knowsCodeAndReasonOfEveryError() {
        var table = ONE_OF_EACH.stream()
                .map(Status::of)
                .map(status -> status.code() + " " + status.reason())
                .toList();
        assertThat(table)
                .containsExactly(
                        "400 BadRequest",
                        "401 Unauthorized",
                        "403 Forbidden",
                        "403 Forbidden",
                        "404 NotFound",
                        "405 MethodNotAllowed",
                        "406 NotAcceptable",
                        "408 RequestTimeout",
                        "409 Conflict",
                        "410 Gone",
                        "412 PreconditionFailed",
                        "413 RequestEntityTooLarge",
                        "414 RequestURITooLong",
                        "415 UnsupportedMediaType",
                        "416 RequestedRangeNotSatisfiable",
                        "422 Invalid",
                        "424 FailedDependency",
                        "431 RequestHeaderFieldsTooLarge",
                        "429 TooManyRequests",
                        "429 TooManyRequests",
                        "500 InternalError",
                        "502 BadGateway",
                        "502 BadGateway",
                        "503 ServiceUnavailable",
                        "503 ServiceUnavailable",
                        "504 Timeout");
    }

    @Test
    void hasAnExampleOfEveryError() {
        var kinds = Stream.of(ApiError.class.getPermittedSubclasses()).collect(Collectors.toSet());
        assertThat(ONE_OF_EACH).map(Object::getClass).hasSameElementsAs(kinds);
    }

    @Test
    void writesCausesAndThePluralAsKind() {
        var invalid = new ApiError.Invalid(
                "SandboxExecRequest", "", List.of(new ApiError.Cause("FieldValueRequired", "command", "is missing")));
        assertThat(json(invalid)).isEqualTo("""
                        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"SandboxExecRequest is invalid: command: is missing",\
                        "reason":"Invalid","details":{"group":"agenttier.io","kind":"SandboxExecRequest",\
                        "causes":[{"reason":"FieldValueRequired","field":"command","message":"is missing"}]},"code":422}""");
        assertThat(json(new ApiError.Conflict("sandboxes", "web", "m")))
                .contains("\"details\":{\"name\":\"web\",\"group\":\"agenttier.io\",\"kind\":\"sandboxes\"}");
        assertThat(json(new ApiError.BadRequest("m"))).doesNotContain("details");
    }

    @Test
    void saysWhenToRetryInWholeSeconds() {
        assertThat(json(new ApiError.TooManyRequests("m", Duration.ofMillis(1500))))
                .contains("\"details\":{\"retryAfterSeconds\":2}");
        assertThat(json(new ApiError.TooManyRequests("m", Duration.ZERO))).doesNotContain("details");
        assertThat(Status.retrySeconds(new ApiError.Starting("m", Duration.ofSeconds(5))))
                .isEqualTo(5);
        assertThat(Status.retrySeconds(new ApiError.Unavailable("m"))).isZero();
    }

    private static String json(ApiError error) {
        return new String(Json.write(Status.of(error)), StandardCharsets.UTF_8);
    }
}
