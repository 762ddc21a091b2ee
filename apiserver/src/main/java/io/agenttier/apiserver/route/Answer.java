package io.agenttier.apiserver.route;

import java.util.Map;

/**
 * A whole answer.
 *
 * @param headers names as sent, {@code Content-Type} included; {@code Content-Length} is added
 */
@SuppressWarnings("ArrayRecordComponent")
public record Answer(int status, Map<String, String> headers, byte[] body) {
    public Answer {
        headers = Map.copyOf(headers);
    }
}
