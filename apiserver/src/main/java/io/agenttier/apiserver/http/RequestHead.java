package io.agenttier.apiserver.http;

import io.agenttier.apiserver.error.ApiError;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is wrong with the head of a request at the level of HTTP. Pure. */
final class RequestHead {
    private RequestHead() {}

    /** Empty for a head that can be served. After an error the connection is closed, since its framing is not to be trusted. */
    static Optional<ApiError> complaint(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return Optional.of(undecodable(request.decoderResult().cause()));
        }
        var version = request.protocolVersion();
        boolean old = version.equals(HttpVersion.HTTP_1_0);
        if (!old && !version.equals(HttpVersion.HTTP_1_1)) {
            return Optional.of(new ApiError.BadRequest(
                    "the request has protocol version \"%s\", expected HTTP/1.1".formatted(version.text())));
        }
        var headers = request.headers();
        if (!old && headers.getAll(HttpHeaderNames.HOST).size() != 1) {
            return Optional.of(new ApiError.BadRequest("expected exactly one Host header"));
        }
        return framing(headers, old).or(() -> expectation(headers));
    }

    private static Optional<ApiError> framing(HttpHeaders headers, boolean old) {
        var codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (codings.isEmpty()) {
            return Optional.empty();
        }
        if (old || codings.size() > 1 || !codings.getFirst().equalsIgnoreCase("chunked")) {
            return Optional.of(
                    new ApiError.BadRequest("Transfer-Encoding is \"%s\", expected chunked, once, with HTTP/1.1"
                            .formatted(String.join(", ", codings))));
        }
        return Optional.empty();
    }

    private static Optional<ApiError> expectation(HttpHeaders headers) {
        var expect = headers.get(HttpHeaderNames.EXPECT);
        return expect == null || expect.equalsIgnoreCase("100-continue")
                ? Optional.empty()
                : Optional.of(new ApiError.BadRequest("Expect is \"%s\", expected 100-continue".formatted(expect)));
    }

    /** Header lines by lower-case name, values in the order sent. */
    static Map<String, List<String>> byName(HttpHeaders headers) {
        var byName = new HashMap<String, List<String>>();
        for (var line : headers) {
            byName.computeIfAbsent(line.getKey().toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
                    .add(line.getValue());
        }
        return byName;
    }

    private static ApiError undecodable(Throwable cause) {
        var message = cause.getMessage();
        return switch (cause) {
            case TooLongHttpLineException _ ->
                new ApiError.UriTooLong("the request line is longer than this server reads");
            case TooLongHttpHeaderException _ ->
                new ApiError.HeadersTooLarge("the header lines together are longer than this server reads");
            default ->
                new ApiError.BadRequest("the request is no valid HTTP/1.1: "
                        + (message == null || message.length() > 200 ? "it cannot be parsed" : message));
        };
    }

    /** How a complaint is counted. */
    static String label(ApiError complaint) {
        return switch (complaint) {
            case ApiError.UriTooLong _ -> "line_too_long";
            case ApiError.HeadersTooLarge _ -> "headers_too_large";
            default -> "malformed";
        };
    }
}
