package io.agenttier.cli.transport;

import io.agenttier.cli.json.Json;
import io.agenttier.cli.json.JsonReader;
import io.agenttier.cli.json.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * An answer that says no: a {@code metav1.Status} of kube-apiserver or of ours, or the plain text that the aggregation layer and proxies before
 * it write.
 *
 * @param reason machine-readable, such as {@code NotFound}; the HTTP phrase where the answer is no Status
 * @param isStatus whether it was a Status
 * @param retryAfter set only where nothing has started, so that the call may be repeated
 */
public record Failure(int code, String reason, String message, boolean isStatus, Optional<Duration> retryAfter) {
    private static final int MAX_PLAIN = 300;

    static Failure of(ResponseHead head, byte[] body) {
        var retryAfter = head.header("Retry-After")
                .filter(seconds -> seconds.matches("[0-9]{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
        var document = head.mediaType().equals("application/json") ? parse(body) : Json.ABSENT;
        if (document.at("kind").textOrEmpty().equals("Status")) {
            return new Failure(
                    head.status(),
                    document.at("reason").textOrEmpty(),
                    document.at("message").text().orElse("the server gave no message"),
                    true,
                    retryAfter);
        }
        var reason = head.phrase().isEmpty() ? String.valueOf(head.status()) : head.status() + " " + head.phrase();
        return new Failure(head.status(), reason, plain(body), false, retryAfter);
    }

    /** As kubectl words it: {@code Error from server (NotFound): sandboxes.agenttier.io "web" not found}. */
    public String sentence() {
        return reason.isEmpty()
                ? "Error from server: " + message
                : "Error from server (%s): %s".formatted(reason, message);
    }

    /** kube-apiserver does not know the path at all: nothing serves this group and version. */
    public boolean isUnknownPath() {
        return code == 404 && !isStatus;
    }

    /** The server, or something on the way, could not serve just now; says nothing about the request. */
    public boolean isPassing() {
        return code == 429 || (code == 500 && !isStatus) || code == 502 || code == 503 || code == 504;
    }

    private static Json parse(byte[] body) {
        try {
            return JsonReader.parse(body);
        } catch (MalformedJsonException e) {
            return Json.ABSENT;
        }
    }

    private static String plain(byte[] body) {
        var text = new String(body, StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        if (text.isEmpty()) {
            return "the server gave no message";
        }
        return text.length() <= MAX_PLAIN ? text : text.substring(0, MAX_PLAIN) + "…";
    }
}
