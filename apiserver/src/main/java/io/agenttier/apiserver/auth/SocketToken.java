package io.agenttier.apiserver.auth;

import io.agenttier.apiserver.error.ApiError;
import io.agenttier.apiserver.error.ApiException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bearer token that a browser sends with a WebSocket, since it can set no other header: an element
 * {@code base64url.bearer.authorization.k8s.io.<token, base64url without padding>} of {@code Sec-WebSocket-Protocol}, beside a real
 * protocol. As kube-apiserver reads it. Pure.
 */
final class SocketToken {
    private static final String HEADER = "sec-websocket-protocol";
    private static final String PREFIX = "base64url.bearer.authorization.k8s.io.";

    private SocketToken() {}

    /**
     * The token; empty if there is none, or the request asks for no WebSocket.
     *
     * @throws ApiException 401 for more than one, for one that cannot be decoded, or if no real protocol is offered beside it
     */
    static Optional<String> of(Map<String, List<String>> headers) {
        if (!HeaderList.lowerCase(headers, "connection").contains("upgrade")
                || !HeaderList.lowerCase(headers, "upgrade").contains("websocket")) {
            return Optional.empty();
        }
        var offered = HeaderList.of(headers, HEADER);
        var tokens = offered.stream().filter(SocketToken::isToken).toList();
        if (tokens.isEmpty()) {
            return Optional.empty();
        }
        if (tokens.size() > 1) {
            throw refuse("Sec-WebSocket-Protocol holds %d bearer tokens, expected one".formatted(tokens.size()));
        }
        if (offered.size() == 1) {
            throw refuse("Sec-WebSocket-Protocol holds a bearer token alone: offer the protocol to speak as well");
        }
        return Optional.of(decoded(tokens.getFirst().substring(PREFIX.length())));
    }

    /** The headers without the token, which is neither to be echoed nor to be shown in a message. */
    static Map<String, List<String>> without(Map<String, List<String>> headers) {
        var offered = HeaderList.of(headers, HEADER);
        if (offered.stream().noneMatch(SocketToken::isToken)) {
            return headers;
        }
        var clean = new HashMap<>(headers);
        clean.put(HEADER, offered.stream().filter(element -> !isToken(element)).toList());
        return clean;
    }

    private static boolean isToken(String element) {
        return element.startsWith(PREFIX);
    }

    private static String decoded(String text) {
        try {
            var token = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(text)))
                    .toString();
            if (!token.isEmpty() && !text.endsWith("=")) {
                return token;
            }
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw refuse("the bearer token in Sec-WebSocket-Protocol is no base64url of UTF-8 text");
        }
        throw refuse(
                "the bearer token in Sec-WebSocket-Protocol is empty or padded, expected base64url without padding");
    }

    private static ApiException refuse(String message) {
        return new ApiException(new ApiError.Unauthorized(message));
    }
}
