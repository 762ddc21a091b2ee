package io.agenttier.apiserver.resource;

import io.agenttier.apiserver.codec.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a WebSocket session ends: the Status on channel 3, then the close frame.
 *
 * @param status {@code metav1.Status} in the short form that pods use; empty where nothing has ended
 * @param code 1000, 1001, or 4001 to 4009
 * @param reason of the close frame
 */
record RemoteEnd(Map<String, Object> status, int code, String reason) {
    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int STOPPED = 4001;
    private static final int REVOKED = 4003;
    private static final int BROKEN = 4009;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int REASON_CHARS = 120;

    /** What became of a sandbox whose process ended with it, or which does not answer any more. */
    enum Fate {
        STOPPED("sandbox_stopped", "the sandbox was stopped"),
        DELETED("sandbox_deleted", "the sandbox was deleted"),
        POD_LOST("error", "the pod of the sandbox is gone"),
        UNREACHABLE("error", "the connection to the sandbox broke");

        private final String reason;
        private final String message;

        Fate(String reason, String message) {
            this.reason = reason;
            this.message = message;
        }
    }

    /** What went wrong, for people; empty if nothing did. */
    String message() {
        return status.get("message") instanceof String message ? message : "";
    }

    byte[] json() {
        return Json.write(status);
    }

    /** The process has ended. */
    static RemoteEnd of(Outcome outcome) {
        return new RemoteEnd(statusOf(outcome), NORMAL, "");
    }

    /** Both sides have sent all they had. */
    static RemoteEnd succeeded() {
        return new RemoteEnd(success(), NORMAL, "");
    }

    /** What listens on the port broke the connection. */
    static RemoteEnd brokenByPort(String why) {
        return new RemoteEnd(failure("BadGateway", why, List.of()), BROKEN, "error");
    }

    /** The process has ended because its sandbox did. */
    static RemoteEnd of(Outcome outcome, Fate fate) {
        return new RemoteEnd(statusOf(outcome), STOPPED, fate.reason);
    }

    /**
     * The connection to the daemon broke, and why.
     *
     * @param remedy how to go on if the process may still run
     */
    static RemoteEnd cut(Fate fate, String remedy) {
        return switch (fate) {
            case STOPPED, DELETED -> new RemoteEnd(failure("Lost", fate.message, List.of()), STOPPED, fate.reason);
            case POD_LOST -> new RemoteEnd(failure("Lost", fate.message, List.of()), BROKEN, fate.reason);
            case UNREACHABLE ->
                new RemoteEnd(
                        failure("ServiceUnavailable", fate.message + ": " + remedy, List.of()), BROKEN, fate.reason);
        };
    }

    /** Bytes that were asked for are gone, and a channel cannot show that. */
    static RemoteEnd gap(long from, long to) {
        var message = "output from %d to %d was dropped by the quota: attach with offset=%d".formatted(from, to, to);
        return new RemoteEnd(failure("Expired", message, List.of()), BROKEN, "error");
    }

    static RemoteEnd stdinTaken() {
        return new RemoteEnd(
                failure("Conflict", "another client has taken over stdin: attach with takeover=true", List.of()),
                BROKEN,
                "stdin_taken");
    }

    /** This replica stops. There is no Status: the process goes on, and nothing is known of its end. */
    static RemoteEnd goingAway() {
        return new RemoteEnd(Map.of(), GOING_AWAY, "this server stops: come back");
    }

    static RemoteEnd revoked() {
        return new RemoteEnd(
                failure("Forbidden", "the right to this connection has ended", List.of()), REVOKED, "access_revoked");
    }

    /** The client broke the rules of the channels. */
    static RemoteEnd broken(String why) {
        var reason = why.length() <= REASON_CHARS ? why : why.substring(0, REASON_CHARS);
        return new RemoteEnd(failure("BadRequest", why, List.of()), PROTOCOL_ERROR, reason);
    }

    private static Map<String, Object> statusOf(Outcome outcome) {
        var code = outcome.exitCode();
        var message = outcome.message() == null ? "" : outcome.message();
        return switch (outcome.reason()) {
            case "timeout" -> failure("Timeout", message, exitCode(-1));
            case "canceled" -> failure("Canceled", message, exitCode(-1));
            default -> {
                if (code == null) {
                    yield failure("Lost", message, List.of());
                }
                yield code == 0
                        ? success()
                        : failure(
                                "NonZeroExitCode",
                                message.isEmpty() ? "command terminated with exit code " + code : message,
                                exitCode(code));
            }
        };
    }

    private static Map<String, Object> success() {
        var status = new LinkedHashMap<String, Object>();
        status.put("metadata", Map.of());
        status.put("status", "Success");
        return status;
    }

    private static Map<String, Object> failure(String reason, String message, List<Map<String, String>> causes) {
        var status = new LinkedHashMap<String, Object>();
        status.put("metadata", Map.of());
        status.put("status", "Failure");
        status.put("message", message);
        status.put("reason", reason);
        if (!causes.isEmpty()) {
            status.put("details", Map.of("causes", causes));
        }
        return status;
    }

    private static List<Map<String, String>> exitCode(int code) {
        var cause = new LinkedHashMap<String, String>();
        cause.put("reason", "ExitCode");
        cause.put("message", Integer.toString(code));
        return List.of(cause);
    }
}
