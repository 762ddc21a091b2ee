package io.agenttier.apiserver.route;

import io.agenttier.apiserver.auth.HeaderList;
import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Requests to speak WebSocket (RFC 6455 §4.2.1). Pure. */
public final class WebSocketOffer {
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;

    private WebSocketOffer() {}

    /**
     * What both sides have agreed on.
     *
     * @param key header {@code Sec-WebSocket-Key}
     * @param protocol the sub-protocol chosen
     */
    public record Agreed(String key, String protocol) {}

    /** Whether a request asks for another protocol on its connection, WebSocket or not. */
    public static boolean isUpgrade(Map<String, List<String>> headers) {
        return headers.containsKey("upgrade")
                && HeaderList.lowerCase(headers, "connection").contains("upgrade");
    }

    /**
     * Agrees on the first sub-protocol of the client's that is served.
     *
     * @param served sub-protocols; the client's order decides
     * @param otherwise what else a caller can do, ends the message to one that does not ask for WebSocket
     * @throws ApiException 400 that names what is wrong and what was expected
     */
    public static Agreed agree(Call call, List<String> served, String otherwise) {
        var headers = call.headers();
        if (!isWebSocket(headers)) {
            throw refuse(
                    "%s %s speaks WebSocket over HTTP/1.1: send \"Connection: Upgrade\", \"Upgrade: websocket\" and "
                                    .formatted(call.method(), call.subresource())
                            + "\"Sec-WebSocket-Protocol: %s\"; %s".formatted(String.join(", ", served), otherwise));
        }
        checkHandshake(call);
        // names of protocols keep their case
        var offered = HeaderList.of(headers, "sec-websocket-protocol");
        for (var protocol : offered) {
            if (served.contains(protocol)) {
                return new Agreed(
                        headers.getOrDefault("sec-websocket-key", List.of()).getFirst(), protocol);
            }
        }
        throw refuse("Sec-WebSocket-Protocol offers %s, expected one of %s"
                .formatted(
                        offered.isEmpty() ? "nothing" : "\"%s\"".formatted(printable(String.join(", ", offered))),
                        String.join(", ", served)));
    }

    /**
     * Checks a request for WebSocket whose sub-protocol somebody else agrees on.
     *
     * @param only ends the message to one that asks for another protocol
     * @throws ApiException 400 that names what is wrong and what was expected
     */
    public static void check(Call call, String only) {
        if (!isWebSocket(call.headers())) {
            throw refuse("Upgrade is \"%s\", expected websocket: %s"
                    .formatted(printable(String.join(", ", HeaderList.lowerCase(call.headers(), "upgrade"))), only));
        }
        checkHandshake(call);
    }

    private static boolean isWebSocket(Map<String, List<String>> headers) {
        return isUpgrade(headers) && HeaderList.lowerCase(headers, "upgrade").equals(List.of("websocket"));
    }

    private static void checkHandshake(Call call) {
        var headers = call.headers();
        if (!call.method().equals("GET")) {
            throw refuse("a WebSocket is opened by GET, not by %s".formatted(call.method()));
        }
        if (headers.containsKey("transfer-encoding")
                || !call.header("content-length").orElse("0").equals("0")) {
            throw refuse("a request to open a WebSocket has no body");
        }
        var version = call.header("sec-websocket-version").orElse("");
        if (!version.equals(VERSION)) {
            throw refuse("Sec-WebSocket-Version is \"%s\", expected %s".formatted(printable(version), VERSION));
        }
        var keys = headers.getOrDefault("sec-websocket-key", List.of());
        if (keys.size() != 1 || !isKey(keys.getFirst())) {
            throw refuse("Sec-WebSocket-Key is not given once as 16 bytes in base64");
        }
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String printable(String text) {
        var shown = text.length() <= 100 ? text : text.substring(0, 100) + "…";
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    private static ApiException refuse(String message) {
        return new ApiException(new ApiError.BadRequest(message));
    }
}
